// The functions of FFmpeg that the kit calls: FUNCTION(library, result, name, parameters, arguments). The compiler holds
// each to FFmpeg's headers, and the linker names one that is missing.

FUNCTION(avutil, void *, av_calloc, (size_t nmemb, size_t size), (nmemb, size))
FUNCTION(avutil, int, av_channel_layout_compare, (const AVChannelLayout *chl, const AVChannelLayout *chl1), (chl, chl1))
FUNCTION(avutil, int, av_channel_layout_copy, (AVChannelLayout *dst, const AVChannelLayout *src), (dst, src))
FUNCTION(avutil, void, av_channel_layout_default,
    (AVChannelLayout *ch_layout, int nb_channels),
    (ch_layout, nb_channels))
FUNCTION(avutil, int, av_channel_layout_describe,
    (const AVChannelLayout *channel_layout, char *buf, size_t buf_size),
    (channel_layout, buf, buf_size))
FUNCTION(avutil, void, av_channel_layout_uninit, (AVChannelLayout *channel_layout), (channel_layout))
FUNCTION(avutil, uint32_t, av_crc,
    (const AVCRC *ctx, uint32_t crc, const uint8_t *buffer, size_t length),
    (ctx, crc, buffer, length))
FUNCTION(avutil, const AVCRC *, av_crc_get_table, (AVCRCId crc_id), (crc_id))
FUNCTION(avutil, AVRational, av_d2q, (double d, int max), (d, max))
FUNCTION(avutil, int, av_dict_copy, (AVDictionary **dst, const AVDictionary *src, int flags), (dst, src, flags))
FUNCTION(avutil, void, av_dict_free, (AVDictionary **m), (m))
FUNCTION(avutil, AVDictionaryEntry *, av_dict_get,
    (const AVDictionary *m, const char *key, const AVDictionaryEntry *prev, int flags),
    (m, key, prev, flags))
FUNCTION(avutil, int, av_dict_set,
    (AVDictionary **pm, const char *key, const char *value, int flags),
    (pm, key, value, flags))
FUNCTION(avutil, AVFrame *, av_frame_alloc, (void), ())
FUNCTION(avutil, int, av_frame_apply_cropping, (AVFrame *frame, int flags), (frame, flags))
FUNCTION(avutil, AVFrame *, av_frame_clone, (const AVFrame *src), (src))
FUNCTION(avutil, void, av_frame_free, (AVFrame **frame), (frame))
FUNCTION(avutil, int, av_frame_get_buffer, (AVFrame *frame, int align), (frame, align))
FUNCTION(avutil, int, av_frame_ref, (AVFrame *dst, const AVFrame *src), (dst, src))
FUNCTION(avutil, void, av_frame_unref, (AVFrame *frame), (frame))
FUNCTION(avutil, void, av_free, (void *ptr), (ptr))
FUNCTION(avutil, void, av_log_set_callback, (void (*callback)(void *, int, const char *, va_list)), (callback))
FUNCTION(avutil, void *, av_malloc, (size_t size), (size))
FUNCTION(avutil, const char *, av_get_media_type_string, (enum AVMediaType media_type), (media_type))
FUNCTION(avutil, void *, av_mallocz, (size_t size), (size))
FUNCTION(avutil, void, av_max_alloc, (size_t max), (max))
FUNCTION(avutil, int, av_opt_set_int,
    (void *obj, const char *name, int64_t val, int search_flags),
    (obj, name, val, search_flags))
FUNCTION(avutil, int64_t, av_rescale_q, (int64_t a, AVRational bq, AVRational cq), (a, bq, cq))
FUNCTION(avutil, struct AVSHA *, av_sha_alloc, (void), ())
FUNCTION(avutil, void, av_sha_final, (struct AVSHA *context, uint8_t *digest), (context, digest))
FUNCTION(avutil, int, av_sha_init, (struct AVSHA *context, int bits), (context, bits))
FUNCTION(avutil, void, av_sha_update, (struct AVSHA *ctx, const uint8_t *data, size_t len), (ctx, data, len))
FUNCTION(avutil, char *, av_strdup, (const char *s), (s))
FUNCTION(avutil, int, av_strerror, (int errnum, char *errbuf, size_t errbuf_size), (errnum, errbuf, errbuf_size))
FUNCTION(avutil, const char *, av_version_info, (void), ())

FUNCTION(avcodec, int, av_get_exact_bits_per_sample, (enum AVCodecID codec_id), (codec_id))
FUNCTION(avcodec, AVPacket *, av_packet_alloc, (void), ())
FUNCTION(avcodec, AVPacket *, av_packet_clone, (const AVPacket *src), (src))
FUNCTION(avcodec, void, av_packet_free, (AVPacket **pkt), (pkt))
FUNCTION(avcodec, void, av_packet_rescale_ts,
    (AVPacket *pkt, AVRational tb_src, AVRational tb_dst),
    (pkt, tb_src, tb_dst))
FUNCTION(avcodec, void, av_packet_unref, (AVPacket *pkt), (pkt))
FUNCTION(avcodec, AVCodecContext *, avcodec_alloc_context3, (const AVCodec *codec), (codec))
FUNCTION(avcodec, const AVCodecDescriptor *, avcodec_descriptor_get, (enum AVCodecID id), (id))
FUNCTION(avcodec, const AVCodec *, avcodec_find_decoder, (enum AVCodecID id), (id))
FUNCTION(avcodec, const AVCodec *, avcodec_find_decoder_by_name, (const char *name), (name))
FUNCTION(avcodec, const AVCodec *, avcodec_find_encoder_by_name, (const char *name), (name))
FUNCTION(avcodec, void, avcodec_flush_buffers, (AVCodecContext *avctx), (avctx))
FUNCTION(avcodec, void, avcodec_free_context, (AVCodecContext **avctx), (avctx))
FUNCTION(avcodec, const char *, avcodec_get_name, (enum AVCodecID id), (id))
FUNCTION(avcodec, int, avcodec_open2,
    (AVCodecContext *avctx, const AVCodec *codec, AVDictionary **options),
    (avctx, codec, options))
FUNCTION(avcodec, int, avcodec_parameters_copy, (AVCodecParameters *dst, const AVCodecParameters *src), (dst, src))
FUNCTION(avcodec, int, avcodec_parameters_from_context,
    (AVCodecParameters *par, const AVCodecContext *codec),
    (par, codec))
FUNCTION(avcodec, int, avcodec_parameters_to_context,
    (AVCodecContext *codec, const AVCodecParameters *par),
    (codec, par))
FUNCTION(avcodec, int, avcodec_decode_subtitle2,
    (AVCodecContext *avctx, AVSubtitle *sub, int *got_sub_ptr, AVPacket *avpkt),
    (avctx, sub, got_sub_ptr, avpkt))
FUNCTION(avcodec, void, avsubtitle_free, (AVSubtitle *sub), (sub))
FUNCTION(avcodec, int, avcodec_receive_frame, (AVCodecContext *avctx, AVFrame *frame), (avctx, frame))
FUNCTION(avcodec, int, avcodec_receive_packet, (AVCodecContext *avctx, AVPacket *avpkt), (avctx, avpkt))
FUNCTION(avcodec, int, avcodec_send_frame, (AVCodecContext *avctx, const AVFrame *frame), (avctx, frame))
FUNCTION(avcodec, int, avcodec_send_packet, (AVCodecContext *avctx, const AVPacket *avpkt), (avctx, avpkt))

FUNCTION(avformat, AVRational, av_guess_frame_rate,
    (AVFormatContext *ctx, AVStream *stream, AVFrame *frame),
    (ctx, stream, frame))
FUNCTION(avformat, AVRational, av_guess_sample_aspect_ratio,
    (AVFormatContext *format, AVStream *stream, AVFrame *frame),
    (format, stream, frame))
FUNCTION(avformat, const AVInputFormat *, av_find_input_format, (const char *name), (name))
FUNCTION(avformat, const AVOutputFormat *, av_guess_format,
    (const char *short_name, const char *filename, const char *mime_type),
    (short_name, filename, mime_type))
FUNCTION(avformat, int, av_interleaved_write_frame, (AVFormatContext *s, AVPacket *pkt), (s, pkt))
FUNCTION(avformat, int, av_read_frame, (AVFormatContext *s, AVPacket *pkt), (s, pkt))
FUNCTION(avformat, int, av_seek_frame,
    (AVFormatContext *s, int stream_index, int64_t timestamp, int flags),
    (s, stream_index, timestamp, flags))
FUNCTION(avformat, uint8_t *, av_stream_get_side_data,
    (const AVStream *stream, enum AVPacketSideDataType type, size_t *size),
    (stream, type, size))
FUNCTION(avformat, uint8_t *, av_stream_new_side_data,
    (AVStream *stream, enum AVPacketSideDataType type, size_t size),
    (stream, type, size))
FUNCTION(avformat, int, av_write_trailer, (AVFormatContext *s), (s))
FUNCTION(avformat, AVFormatContext *, avformat_alloc_context, (void), ())
FUNCTION(avformat, int, avformat_alloc_output_context2,
    (AVFormatContext **ctx, const AVOutputFormat *oformat, const char *format_name, const char *filename),
    (ctx, oformat, format_name, filename))
FUNCTION(avformat, void, avformat_close_input, (AVFormatContext **s), (s))
FUNCTION(avformat, int, avformat_find_stream_info, (AVFormatContext *ic, AVDictionary **options), (ic, options))
FUNCTION(avformat, void, avformat_free_context, (AVFormatContext *s), (s))
FUNCTION(avformat, AVStream *, avformat_new_stream, (AVFormatContext *s, const AVCodec *c), (s, c))
FUNCTION(avformat, int, avio_closep, (AVIOContext **s), (s))
FUNCTION(avformat, int, avformat_open_input,
    (AVFormatContext **ps, const char *url, const AVInputFormat *fmt, AVDictionary **options),
    (ps, url, fmt, options))
FUNCTION(avformat, int, avformat_seek_file,
    (AVFormatContext *s, int stream_index, int64_t min_ts, int64_t ts, int64_t max_ts, int flags),
    (s, stream_index, min_ts, ts, max_ts, flags))
FUNCTION(avformat, int, avformat_write_header, (AVFormatContext *s, AVDictionary **options), (s, options))
FUNCTION(avformat, AVIOContext *, avio_alloc_context,
    (unsigned char *buffer, int buffer_size, int write_flag, void *opaque,
        int (*read_packet)(void *opaque, uint8_t *buf, int buf_size),
        int (*write_packet)(void *opaque, uint8_t *buf, int buf_size),
        int64_t (*seek)(void *opaque, int64_t offset, int whence)),
    (buffer, buffer_size, write_flag, opaque, read_packet, write_packet, seek))
FUNCTION(avformat, void, avio_context_free, (AVIOContext **s), (s))
FUNCTION(avformat, void, avio_flush, (AVIOContext *s), (s))

FUNCTION(swresample, int, swr_alloc_set_opts2,
    (struct SwrContext **ps, AVChannelLayout *out_ch_layout, enum AVSampleFormat out_sample_fmt, int
     out_sample_rate, AVChannelLayout *in_ch_layout, enum AVSampleFormat in_sample_fmt, int in_sample_rate, int
     log_offset, void *log_ctx),
    (ps, out_ch_layout, out_sample_fmt, out_sample_rate, in_ch_layout, in_sample_fmt, in_sample_rate, log_offset,
     log_ctx))
FUNCTION(swresample, int, swr_build_matrix2,
    (const AVChannelLayout *in_layout, const AVChannelLayout *out_layout, double center_mix_level, double
     surround_mix_level, double lfe_mix_level, double maxval, double rematrix_volume, double *matrix, ptrdiff_t
     stride, enum AVMatrixEncoding matrix_encoding, void *log_context),
    (in_layout, out_layout, center_mix_level, surround_mix_level, lfe_mix_level, maxval, rematrix_volume, matrix,
     stride, matrix_encoding, log_context))
FUNCTION(swresample, int, swr_convert,
    (struct SwrContext *s, uint8_t **out, int out_count, const uint8_t **in, int in_count),
    (s, out, out_count, in, in_count))
FUNCTION(swresample, void, swr_free, (struct SwrContext **s), (s))
FUNCTION(swresample, int, swr_get_out_samples, (struct SwrContext *s, int in_samples), (s, in_samples))
FUNCTION(swresample, int, swr_init, (struct SwrContext *s), (s))
FUNCTION(swresample, int, swr_set_matrix, (struct SwrContext *s, const double *matrix, int stride), (s, matrix, stride))

FUNCTION(swscale, void, sws_freeContext, (struct SwsContext *swsContext), (swsContext))
FUNCTION(swscale, struct SwsContext *, sws_getCachedContext,
    (struct SwsContext *context, int srcW, int srcH, enum AVPixelFormat srcFormat, int dstW, int dstH, enum
     AVPixelFormat dstFormat, int flags, SwsFilter *srcFilter, SwsFilter *dstFilter, const double *param),
    (context, srcW, srcH, srcFormat, dstW, dstH, dstFormat, flags, srcFilter, dstFilter, param))
FUNCTION(swscale, const int *, sws_getCoefficients, (int colorspace), (colorspace))
FUNCTION(swscale, struct SwsContext *, sws_getContext,
    (int srcW, int srcH, enum AVPixelFormat srcFormat, int dstW, int dstH, enum AVPixelFormat dstFormat, int flags,
     SwsFilter *srcFilter, SwsFilter *dstFilter, const double *param),
    (srcW, srcH, srcFormat, dstW, dstH, dstFormat, flags, srcFilter, dstFilter, param))
FUNCTION(swscale, int, sws_scale,
    (struct SwsContext *c, const uint8_t *const *srcSlice, const int *srcStride, int srcSliceY, int srcSliceH,
     uint8_t *const *dst, const int *dstStride),
    (c, srcSlice, srcStride, srcSliceY, srcSliceH, dst, dstStride))
FUNCTION(swscale, int, sws_setColorspaceDetails,
    (struct SwsContext *c, const int *inv_table, int srcRange, const int *table, int dstRange, int brightness, int
     contrast, int saturation),
    (c, inv_table, srcRange, table, dstRange, brightness, contrast, saturation))

FUNCTION(avfilter, int, av_buffersink_get_frame, (AVFilterContext *ctx, AVFrame *frame), (ctx, frame))
FUNCTION(avfilter, int, av_buffersrc_add_frame_flags,
    (AVFilterContext *buffer_src, AVFrame *frame, int flags),
    (buffer_src, frame, flags))
FUNCTION(avfilter, const AVFilter *, avfilter_get_by_name, (const char *name), (name))
FUNCTION(avfilter, AVFilterGraph *, avfilter_graph_alloc, (void), ())
FUNCTION(avfilter, int, avfilter_graph_config, (AVFilterGraph *graphctx, void *log_ctx), (graphctx, log_ctx))
FUNCTION(avfilter, int, avfilter_graph_create_filter,
    (AVFilterContext **filt_ctx, const AVFilter *filt, const char *name, const char *args, void *opaque,
     AVFilterGraph *graph_ctx),
    (filt_ctx, filt, name, args, opaque, graph_ctx))
FUNCTION(avfilter, void, avfilter_graph_free, (AVFilterGraph **graph), (graph))
FUNCTION(avfilter, int, avfilter_graph_parse_ptr,
    (AVFilterGraph *graph, const char *filters, AVFilterInOut **inputs, AVFilterInOut **outputs, void *log_ctx),
    (graph, filters, inputs, outputs, log_ctx))
FUNCTION(avfilter, AVFilterInOut *, avfilter_inout_alloc, (void), ())
FUNCTION(avfilter, void, avfilter_inout_free, (AVFilterInOut **inout), (inout))
