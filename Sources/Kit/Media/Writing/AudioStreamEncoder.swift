import CAV
import KitCore

/// Encodes Float sound in frames of the codec's length.
final class AudioStreamEncoder {
    let sound: FilmWriter.Sound
    private let encoder: StreamEncoder
    private let path: String
    private var converter: OpaquePointer?
    private var waiting: [[Float]]
    private var next: Int64
    private let frameLength: Int
    private let priming: Int64

    init(
        _ sound: FilmWriter.Sound, in container: UnsafeMutablePointer<AVFormatContext>, path: String
    ) throws {
        self.sound = sound
        self.path = path
        guard Waveform.sampleRates.contains(sound.sampleRate), (1...8).contains(sound.channels) else {
            throw KitError.usage(
                "\(path): \(counted(sound.channels, "channel")) at \(sound.sampleRate) Hz cannot be written")
        }
        var format = AV_SAMPLE_FMT_NONE
        // With noise substitution in AAC, a track would decode differently from different starting points.
        let options = sound.codec == .aac ? ["aac_pns": "0"] : [:]
        encoder = try StreamEncoder(sound.codec.encoder, in: container, path: path, options: options) { context in
            format = Self.format(context.pointee.codec)
            context.pointee.sample_fmt = format
            context.pointee.sample_rate = Int32(sound.sampleRate)
            av_channel_layout_default(&context.pointee.ch_layout, Int32(sound.channels))
            context.pointee.time_base = AVRational(num: 1, den: Int32(sound.sampleRate))
            if let bitRate = sound.bitRate { context.pointee.bit_rate = Int64(bitRate) }
            if sound.codec == .flac { context.pointee.bits_per_raw_sample = 24 }
        }
        av_dict_set(&encoder.stream.pointee.metadata, "language", sound.language.threeLetters, 0)
        if let title = sound.title {
            av_dict_set(&encoder.stream.pointee.metadata, "title", title, 0)
            // Most players show this one of an mp4.
            av_dict_set(&encoder.stream.pointee.metadata, "handler_name", title, 0)
        }
        if container.pointee.nb_streams == 1 || !Self.hasSound(before: encoder.stream, in: container) {
            encoder.stream.pointee.disposition = AV_DISPOSITION_DEFAULT
        }
        let context = encoder.context.pointee
        frameLength = context.frame_size > 0 ? Int(context.frame_size) : 1024
        next = Int64((sound.start * Double(sound.sampleRate)).rounded())
        priming = Int64(context.initial_padding)
        waiting = [[Float]](repeating: [], count: sound.channels)
        if format != AV_SAMPLE_FMT_FLTP {
            var layout = context.ch_layout
            let status = withUnsafeMutablePointer(to: &layout) {
                swr_alloc_set_opts2(
                    &converter, $0, format, context.sample_rate, $0, AV_SAMPLE_FMT_FLTP, context.sample_rate, 0, nil)
            }
            try AVLibrary.check(status, .internalFault, "\(path): cannot convert samples")
            try AVLibrary.check(swr_init(converter), .internalFault, "\(path): cannot convert samples")
        }
    }

    deinit { swr_free(&converter) }

    /// Adds silence before the sound until the first packet is at a whole millisecond. Matroska readers subtract the
    /// codec's delay from the times of Opus, so it is added here, because libavformat 59 does not.
    func alignToMilliseconds() {
        if sound.codec == .opus { next += priming }
        let step = Int64((1...1000).first { $0 * sound.sampleRate % 1000 == 0 }! * sound.sampleRate / 1000)
        let silence = (((next - priming) % step) + step) % step
        waiting = [[Float]](repeating: [Float](repeating: 0, count: Int(silence)), count: sound.channels)
        next -= silence
    }

    /// The track's number in the container.
    var index: Int { Int(encoder.stream.pointee.index) }

    /// Seconds by which the first packet comes before time 0.
    var lead: Double { -Double(next - priming) / Double(sound.sampleRate) }

    /// Delays the whole track.
    func shift(milliseconds: Int) { next += Int64(milliseconds * sound.sampleRate / 1000) }

    func write(_ waveform: Waveform) throws {
        for channel in 0..<sound.channels { waiting[channel] += waveform[channel: channel] }
        var taken = 0
        while waiting[0].count - taken >= frameLength {
            try encode(from: taken, count: frameLength)
            taken += frameLength
        }
        for channel in 0..<sound.channels { waiting[channel].removeFirst(taken) }
    }

    func finish() throws {
        if !waiting[0].isEmpty { try encode(from: 0, count: waiting[0].count) }
        try encoder.encode(nil)
    }

    private func encode(from first: Int, count: Int) throws {
        var frame: UnsafeMutablePointer<AVFrame>? = av_frame_alloc()
        defer { av_frame_free(&frame) }
        let target = frame!
        target.pointee.nb_samples = Int32(count)
        target.pointee.format = encoder.context.pointee.sample_fmt.rawValue
        target.pointee.sample_rate = Int32(sound.sampleRate)
        target.pointee.pts = next
        av_channel_layout_copy(&target.pointee.ch_layout, &encoder.context.pointee.ch_layout)
        try AVLibrary.check(av_frame_get_buffer(target, 0), .internalFault, "\(path): no memory for sound")
        let planes = target.pointee.extended_data!
        if let converter {
            let together = waiting.flatMap { $0[first..<first + count] }
            together.withUnsafeBytes { bytes in
                let base = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
                var source = (0..<sound.channels).map { UnsafePointer<UInt8>?(base + $0 * count * 4) }
                swr_convert(converter, planes, Int32(count), &source, Int32(count))
            }
        } else {
            for channel in 0..<sound.channels {
                waiting[channel].withUnsafeBytes {
                    UnsafeMutableRawPointer(planes[channel]!).copyMemory(
                        from: $0.baseAddress! + first * 4, byteCount: count * 4)
                }
            }
        }
        next += Int64(count)
        try encoder.encode(target)
    }

    private static func hasSound(
        before stream: UnsafeMutablePointer<AVStream>, in container: UnsafeMutablePointer<AVFormatContext>
    ) -> Bool {
        (0..<Int(stream.pointee.index)).contains {
            container.pointee.streams[$0]!.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
        }
    }

    /// The encoder's preferred float format, or else its widest.
    private static func format(_ codec: UnsafePointer<AVCodec>) -> AVSampleFormat {
        var offered: [AVSampleFormat] = []
        var next = codec.pointee.sample_fmts!
        while next.pointee != AV_SAMPLE_FMT_NONE {
            offered.append(next.pointee)
            next += 1
        }
        let preferred = [AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P]
        return preferred.first(where: offered.contains) ?? offered[0]
    }
}
