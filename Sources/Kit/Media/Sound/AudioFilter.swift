import CAV
import KitCore

/// A chain of libavfilter's sound filters, such as "highpass=f=80,rubberband=tempo=1.2".
///
/// Feed a sound in pieces of any size, then call `finish`. Filters may change the length and delay the sound.
public final class AudioFilter {
    public let sampleRate: Int
    public let channels: Int
    /// The latest metadata that the filters attached to the sound, such as `lavfi.r128.I` by "ebur128=metadata=1".
    public private(set) var metadata: [String: String] = [:]
    private let filters: String
    private var graph: UnsafeMutablePointer<AVFilterGraph>?
    private var source: UnsafeMutablePointer<AVFilterContext>?
    private var sink: UnsafeMutablePointer<AVFilterContext>?
    private var taken = 0
    private var given = 0

    /// How many times as long as the sound the result may be, after its first minute.
    private static let longest = 100

    private static func most(_ taken: Int, _ sampleRate: Int) -> Int { 60 * sampleRate + longest * taken }

    /// The most samples that filters get at once.
    private static let piece = 1 << 16

    /// - Parameters:
    ///   - filters: the chain as on FFmpeg's command line, with one input and one output.
    ///   - sampleRate: samples per second of the sound and of the result.
    ///   - channels: 1...8, of the sound and of the result.
    /// - Throws: `.usage` if there are no such filters, or if they do not accept an option.
    public convenience init(_ filters: String, sampleRate: Int, channels: Int) throws {
        try self.init(
            filters, sampleRate: sampleRate, channels: channels, format: AV_SAMPLE_FMT_FLTP,
            layout: Self.layoutName(channels))
    }

    /// Filters decoded frames like `frame`, whose channels keep their positions.
    convenience init(_ filters: String, like frame: UnsafePointer<AVFrame>) throws {
        let channels = Int(frame.pointee.ch_layout.nb_channels)
        var layout = frame.pointee.ch_layout
        try self.init(
            filters, sampleRate: Int(frame.pointee.sample_rate), channels: channels,
            format: AVSampleFormat(frame.pointee.format),
            layout: layout.order == AV_CHANNEL_ORDER_UNSPEC ? Self.layoutName(channels) : Self.name(of: &layout))
    }

    private init(
        _ filters: String, sampleRate: Int, channels: Int, format: AVSampleFormat, layout: @autoclosure () -> String
    ) throws {
        try AVLibrary.prepareFilters()
        guard Waveform.sampleRates.contains(sampleRate), (1...8).contains(channels) else {
            throw KitError.usage(
                "filtering \(counted(channels, "channel")) at \(sampleRate) Hz: expected 1...8 channels and "
                    + "\(Waveform.sampleRates.lowerBound)...\(Waveform.sampleRates.upperBound) Hz")
        }
        (self.filters, self.sampleRate, self.channels) = (filters, sampleRate, channels)
        graph = avfilter_graph_alloc()
        // The order in which threads finish must not decide anything.
        graph?.pointee.nb_threads = 1
        let layout = layout()
        source = try make(
            "abuffer",
            "sample_rate=\(sampleRate):sample_fmt=\(format.rawValue):channel_layout=\(layout)"
                + ":time_base=1/\(sampleRate)")
        sink = try make("abuffersink", nil)
        try connect("\(filters),aformat=sample_fmts=fltp:sample_rates=\(sampleRate):channel_layouts=\(layout)")
        try check(avfilter_graph_config(graph, nil))
    }

    deinit { avfilter_graph_free(&graph) }

    /// Takes the next samples and returns the output that is ready.
    public func filter(_ sound: Waveform) throws -> Waveform {
        precondition(
            sound.sampleRate == sampleRate && sound.channels == channels,
            "a filter needs the sound that it was made for")
        var parts = [Waveform(channels: channels, count: 0, sampleRate: sampleRate)]
        for first in stride(from: 0, to: sound.count, by: Self.piece) {
            try Interrupt.check()
            try give(sound, first..<min(sound.count, first + Self.piece))
            parts += try ready()
        }
        return Waveform(joining: parts)
    }

    /// Takes a decoded frame and returns the output that is ready.
    func filter(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Waveform {
        frame.pointee.pts = Int64(taken)
        taken += Int(frame.pointee.nb_samples)
        try check(av_buffersrc_add_frame_flags(source, frame, Int32(AV_BUFFERSRC_FLAG_KEEP_REF)))
        return Waveform(joining: [Waveform(channels: channels, count: 0, sampleRate: sampleRate)] + (try ready()))
    }

    /// Returns the rest of the output after the sound has ended.
    public func finish() throws -> Waveform {
        try check(av_buffersrc_add_frame_flags(source, nil, 0))
        return Waveform(joining: [Waveform(channels: channels, count: 0, sampleRate: sampleRate)] + (try ready()))
    }

    private static func layoutName(_ channels: Int) -> String {
        var layout = AVChannelLayout()
        av_channel_layout_default(&layout, Int32(channels))
        return name(of: &layout)
    }

    private static func name(of layout: inout AVChannelLayout) -> String {
        var name = [CChar](repeating: 0, count: 64)
        av_channel_layout_describe(&layout, &name, name.count)
        return String(cBuffer: name)
    }

    private func make(_ name: String, _ options: String?) throws -> UnsafeMutablePointer<AVFilterContext>? {
        var made: UnsafeMutablePointer<AVFilterContext>?
        try check(avfilter_graph_create_filter(&made, avfilter_get_by_name(name), name, options, nil, graph))
        return made
    }

    /// Puts the chain between the source and the sink.
    private func connect(_ chain: String) throws {
        var (outputs, inputs) = (avfilter_inout_alloc(), avfilter_inout_alloc())
        defer {
            avfilter_inout_free(&outputs)
            avfilter_inout_free(&inputs)
        }
        guard let output = outputs, let input = inputs else { throw KitError(.outOfMemory, "no memory for filters") }
        (output.pointee.name, output.pointee.filter_ctx) = (av_strdup("in"), source)
        (input.pointee.name, input.pointee.filter_ctx) = (av_strdup("out"), sink)
        try check(avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, nil))
    }

    private func give(_ sound: Waveform, _ range: Range<Int>) throws {
        var frame = av_frame_alloc()
        defer { av_frame_free(&frame) }
        guard let made = frame else { throw KitError(.outOfMemory, "no memory for filters") }
        made.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        made.pointee.sample_rate = Int32(sampleRate)
        made.pointee.nb_samples = Int32(range.count)
        made.pointee.pts = Int64(taken)
        av_channel_layout_default(&made.pointee.ch_layout, Int32(channels))
        try check(av_frame_get_buffer(made, 0))
        for channel in 0..<channels {
            let plane = UnsafeMutableRawPointer(made.pointee.extended_data[channel]!)
            sound.values.withUnsafeBytes {
                plane.copyMemory(
                    from: $0.baseAddress! + 4 * (channel * sound.count + range.lowerBound), byteCount: 4 * range.count)
            }
        }
        taken += range.count
        try check(av_buffersrc_add_frame_flags(source, made, 0))
    }

    private func ready() throws -> [Waveform] {
        var parts: [Waveform] = []
        var frame = av_frame_alloc()
        defer { av_frame_free(&frame) }
        guard let made = frame else { throw KitError(.outOfMemory, "no memory for filters") }
        while true {
            let status = av_buffersink_get_frame(sink, made)
            if status == AVLibrary.tryAgain || status == AVLibrary.endOfFile { return parts }
            try check(status)
            let count = Int(made.pointee.nb_samples)
            given += count
            // Some filters have no end: apad adds silence for ever.
            guard given <= Self.most(taken, sampleRate) else {
                throw KitError.usage(
                    "sound filters \"\(filters)\": their output is more than \(Self.longest) times as long as the sound"
                )
            }
            let values = (0..<channels).flatMap { channel in
                UnsafeRawPointer(made.pointee.extended_data[channel]!).withMemoryRebound(
                    to: Float.self, capacity: count
                ) { Array(UnsafeBufferPointer(start: $0, count: count)) }
            }
            parts.append(Waveform(channels: channels, count: count, sampleRate: sampleRate, values: values))
            var entry: UnsafeMutablePointer<AVDictionaryEntry>?
            while let next = av_dict_get(made.pointee.metadata, "", entry, AV_DICT_IGNORE_SUFFIX) {
                metadata[String(cString: next.pointee.key)] = String(cString: next.pointee.value)
                entry = next
            }
            av_frame_unref(made)
        }
    }

    private func check(_ status: Int32) throws { try AVLibrary.check(status, .usage, "sound filters \"\(filters)\"") }
}

extension Waveform {
    /// The sound behind a chain of libavfilter's filters: see `AudioFilter`.
    public func filtered(_ filters: String) throws -> Waveform {
        let filter = try AudioFilter(filters, sampleRate: sampleRate, channels: channels)
        return Waveform(joining: [try filter.filter(self), try filter.finish()])
    }
}
