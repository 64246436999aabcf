import CAV
import Glibc
import KitCore

/// An open container: packets out, in the order they lie in the file.
final class Demuxer {
    /// The file's own name, for messages.
    let name: String
    let context: UnsafeMutablePointer<AVFormatContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var faults = 0

    /// Unreadable places in a row of reads after which the file is given up.
    private static let faultBudget = 64
    /// Containers that are understood. Playlists and image sequences, which may name other files, are not among them.
    private static let formats =
        "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,wav,w64,flac,ogg,mp3,aac,aiff,caf,mpegts,mpeg,flv,asf"

    init(path: String) throws {
        try AVLibrary.prepare()
        name = path.split(separator: "/").last.map(String.init) ?? path
        try Self.checkRegularFile(path)
        guard let fresh = avformat_alloc_context() else { throw KitError(.internalFault, "\(name): no memory") }
        fresh.pointee.interrupt_callback.callback = { _ in Interrupt.mustStop ? 1 : 0 }
        fresh.pointee.max_streams = AVLibrary.Limit.streams
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        av_dict_set(&options, "format_whitelist", Self.formats, 0)
        defer { av_dict_free(&options) }
        var opened: UnsafeMutablePointer<AVFormatContext>? = fresh
        let status = avformat_open_input(&opened, "file:" + path, nil, &options)
        // A failed open frees the context.
        guard status >= 0, let opened else {
            try AVLibrary.checkInterrupt(status)
            throw KitError(.badData, "\(name): not a media file that can be read: \(AVLibrary.message(status))")
        }
        context = opened
        packet = av_packet_alloc()
        // From here on a throw ends in deinit.
        try AVLibrary.check(
            avformat_find_stream_info(context, nil), .badData, "\(name): cannot read what streams it has")
    }

    deinit {
        var closing: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&closing)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).map { context.pointee.streams[$0]! }
    }

    /// Reads only these streams from now on.
    func select(_ indexes: Set<Int>) {
        for stream in streams {
            stream.pointee.discard = indexes.contains(Int(stream.pointee.index)) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// Goes to the key frame at or before a time in the stream's own ticks, or to the file's start if there is none.
    func seek(to ticks: Int64, stream: Int) throws {
        try startAfresh()
        if av_seek_frame(context, Int32(stream), ticks, AVSEEK_FLAG_BACKWARD) < 0 { try rewind() }
    }

    func rewind() throws {
        try startAfresh()
        // Which way works depends on the container: by time, or by position for raw streams.
        if avformat_seek_file(context, -1, Int64.min, Int64.min + 1, Int64.min + 2, 0) >= 0 { return }
        for stream in streams where stream.pointee.discard != AVDISCARD_ALL {
            let start = stream.pointee.start_time == AVLibrary.noTimestamp ? 0 : stream.pointee.start_time
            if av_seek_frame(context, stream.pointee.index, start, AVSEEK_FLAG_BACKWARD) >= 0 { return }
        }
        try AVLibrary.check(
            av_seek_frame(context, -1, 0, AVSEEK_FLAG_BYTE), .badData, "\(name): cannot go back to its start")
    }

    /// Forgets what earlier reading met. The I/O layer keeps an interrupt as its error, which no seek takes back, and would
    /// give it again at the end of the file.
    private func startAfresh() throws {
        try Interrupt.check()
        faults = 0
        context.pointee.pb?.pointee.error = 0
        context.pointee.pb?.pointee.eof_reached = 0
    }

    /// The next packet of the selected streams, valid until the next call; nil at the end of the file.
    func read() throws -> UnsafeMutablePointer<AVPacket>? {
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(context, packet)
            if status >= 0 { return packet }
            try AVLibrary.checkInterrupt(status)
            if status == AVLibrary.endOfFile { return nil }
            faults += 1
            if faults > Self.faultBudget {
                throw KitError(.badData, "\(name): too damaged to read on: \(AVLibrary.message(status))")
            }
        }
    }

    private static func checkRegularFile(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw KitError(.noInput, "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw KitError(.noInput, "\(path): expected a media file, found a folder or device")
        }
        guard status.st_size > 0 else { throw KitError(.badData, "\(path): empty file") }
    }
}
