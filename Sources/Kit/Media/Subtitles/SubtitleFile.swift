import CAV
import KitCore

/// A file of subtitles next to a film: SubRip, WebVTT or (Advanced) SubStation Alpha.
public enum SubtitleFile {
    /// The endings of such files, in small letters.
    public static let endings = ["srt", "vtt", "ass", "ssa"]

    /// Reads all entries, by their start.
    ///
    /// - Throws: `.noInput` if the file does not exist; `.badData` if it has another format, if its text is not UTF-8, or
    ///   if an entry ends before it starts.
    public static func read(_ path: String) throws -> [Subtitle] {
        try AVLibrary.prepare()
        let name = path.split(separator: "/").last.map(String.init) ?? path
        _ = try MediaPlace(path)
        let input = try ByteInput(SubtitleText(path, name).bytes)
        let context = try Demuxer.open(path, name, formats: "srt,webvtt,ass", input: input)
        var packet: UnsafeMutablePointer<AVPacket>? = av_packet_alloc()
        defer {
            var closing: UnsafeMutablePointer<AVFormatContext>? = context
            avformat_close_input(&closing)
            av_packet_free(&packet)
            extendLifetime(input)
        }
        guard context.pointee.nb_streams == 1, let stream = context.pointee.streams[0], let packet else {
            throw KitError(.badData, "\(name): contains no subtitles")
        }
        let decoder = try SubtitleDecoder(stream, of: name)
        var subtitles: [Subtitle] = []
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(context, packet)
            if status == AVLibrary.endOfFile { break }
            try AVLibrary.check(status, .badData, "\(name): cannot be read")
            if let subtitle = try decoder.decode(packet) { subtitles.append(subtitle) }
        }
        guard !subtitles.isEmpty else { throw KitError(.badData, "\(name): contains no subtitles") }
        return subtitles.sortedByStart
    }
}

extension [Subtitle] {
    /// Entries by their start; equal ones in their order.
    var sortedByStart: [Subtitle] {
        enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
    }
}
