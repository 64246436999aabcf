// FFmpeg's headers. Its libraries are opened by the first call into them, not at the program's start: with their
// dependencies they are some 130 files, which would more than double the time to start.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/crc.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/sha.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Opens all of these libraries but libavfilter. Returns null, or why one cannot be opened.
const char *_Nullable dubkit_open_av(void);

// Opens libavfilter, which brings as many libraries as all others. Returns null, or why it cannot be opened.
const char *_Nullable dubkit_open_avfilter(void);
