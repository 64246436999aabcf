import CAV
import Glibc
import KitCore

/// An open container that returns packets in file order.
final class Demuxer {
    let path: String
    let place: MediaPlace
    /// The file's own name, for messages.
    let name: String
    /// The description of the container and its streams.
    let context: UnsafeMutablePointer<AVFormatContext>
    /// The context that packets come from: the container, or the file opened again if that is the only way back to the
    /// first packet.
    private var source: UnsafeMutablePointer<AVFormatContext>
    /// The inputs of both, if the file is a member of a tar file.
    private var inputs: [ByteInput] = []
    private let packet: UnsafeMutablePointer<AVPacket>
    private var selected: Set<Int>?
    private var isFresh = true
    private var faults = 0

    /// The number of consecutive failed reads after which the file is given up.
    private static let faultBudget = 64
    /// The supported containers. Playlists and image sequences are excluded, because they may refer to other files.
    private static let formats = Container.all.flatMap(\.demuxers).joined(separator: ",")

    init(path: String) throws {
        try AVLibrary.prepare()
        self.path = path
        name = path.split(separator: "/").last.map(String.init) ?? path
        place = try MediaPlace(path)
        let input = try Self.input(path, place)
        context = try Self.open(path, name, input)
        inputs = [input].compactMap { $0 }
        source = context
        packet = av_packet_alloc()
        // From here on, deinit cleans up after an error.
        try AVLibrary.check(
            avformat_find_stream_info(context, nil), .badData, "\(name): cannot read its streams")
        guard context.pointee.nb_streams < AVLibrary.Limit.streams else {
            throw KitError(
                .badData, "\(name): has \(AVLibrary.Limit.streams) streams or more; fewer than that are read")
        }
    }

    /// Opens a file of one of some formats, by libavformat's names. With an input, that is read instead of the file.
    static func open(
        _ path: String, _ name: String, formats: String, input: ByteInput? = nil
    ) throws -> UnsafeMutablePointer<AVFormatContext> {
        guard let fresh = avformat_alloc_context() else { throw KitError(.internalFault, "\(name): no memory") }
        fresh.pointee.interrupt_callback.callback = { _ in Interrupt.mustStop ? 1 : 0 }
        fresh.pointee.max_streams = AVLibrary.Limit.streams
        fresh.pointee.pb = input?.context
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        av_dict_set(&options, "format_whitelist", formats, 0)
        defer { av_dict_free(&options) }
        var opened: UnsafeMutablePointer<AVFormatContext>? = fresh
        let status = avformat_open_input(&opened, "file:" + path, nil, &options)
        // A failed open frees the context.
        guard status >= 0, let opened else {
            try AVLibrary.checkInterrupt(status)
            throw KitError(.badData, "\(name): not a media file that can be read: \(AVLibrary.message(status))")
        }
        return opened
    }

    /// The input for a member of a tar file; nil for a file of its own, which libavformat opens by itself.
    private static func input(_ path: String, _ place: MediaPlace) throws -> ByteInput? {
        guard place.isMember else { return nil }
        guard let file = FileBytes(path) else { throw KitError.inputOutput("cannot read \(path)", errno) }
        return try ByteInput(file)
    }

    private static func open(
        _ path: String, _ name: String, _ input: ByteInput?
    ) throws -> UnsafeMutablePointer<AVFormatContext> {
        let opened = try open(path, name, formats: formats, input: input)
        // The time stamps that libav invents for frames without one depend on where reading began.
        if container(of: opened).traits.contains(.hasSparseStamps) { opened.pointee.flags |= AVFMT_FLAG_NOFILLIN }
        return opened
    }

    deinit {
        closeSource()
        var closing: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&closing)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    private func closeSource() {
        guard source != context else { return }
        var closing: UnsafeMutablePointer<AVFormatContext>? = source
        avformat_close_input(&closing)
        source = context
    }

    /// The row of the table of containers that the file belongs to.
    private(set) lazy var container = Self.container(of: context)

    private static func container(of context: UnsafeMutablePointer<AVFormatContext>) -> Container {
        let names = String(cString: context.pointee.iformat.pointee.name).split(separator: ",").map(String.init)
        guard let container = Container.of(demuxer: Set(names)) else {
            preconditionFailure("libavformat opened \(names), which is not in the table of containers")
        }
        return container
    }

    func has(_ trait: Container.Traits) -> Bool { container.traits.contains(trait) }

    /// Facts about the tracks of an mp4 or mov file that libav does not report, by their ids.
    lazy var movieTracks: [Int: QuickTime.Track] =
        container.layout == .quickTime ? FileBytes(path).map(QuickTime.tracks) ?? [:] : [:]

    var streams: [UnsafeMutablePointer<AVStream>] {
        (0..<Int(context.pointee.nb_streams)).map { context.pointee.streams[$0]! }
    }

    /// Reads only these streams from now on.
    func select(_ indexes: Set<Int>) {
        selected = indexes
        for index in 0..<Int(source.pointee.nb_streams) {
            source.pointee.streams[index]!.pointee.discard =
                indexes.contains(index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// Seeks to the key frame at or before a time in the stream's ticks, or to the start of the file if there is none.
    func seek(to ticks: Int64, stream: Int) throws {
        try startAfresh()
        isFresh = false
        if av_seek_frame(source, Int32(stream), ticks, AVSEEK_FLAG_BACKWARD) < 0 { try rewind() }
    }

    /// Seeks to a byte of the file. Returns false if the container does not support it.
    func seek(toByte position: Int64) throws -> Bool {
        try startAfresh()
        isFresh = false
        return av_seek_frame(source, -1, position, AVSEEK_FLAG_BYTE) >= 0
    }

    /// Seeks back to the first packet. If several streams are selected, containers with an index (mp4) may skip packets
    /// before the first frame: to get every packet of all streams, open the file again.
    func rewind() throws {
        try startAfresh()
        guard !isFresh else { return }
        // Times may restart in the middle, and the first packet of a stream may be before the first time of another.
        if has(.hasRecordingClock), try seek(toByte: 0) { return }
        if has(.hasPartialIndex) { return try reopen() }
        // Otherwise it depends on the container: by time, or by position for raw streams.
        if avformat_seek_file(source, -1, Int64.min, Int64.min + 1, Int64.min + 2, 0) >= 0 { return }
        for stream in streams where selected?.contains(Int(stream.pointee.index)) ?? true {
            let start = stream.pointee.start_time == AVLibrary.noTimestamp ? 0 : stream.pointee.start_time
            if av_seek_frame(source, stream.pointee.index, start, AVSEEK_FLAG_BACKWARD) >= 0 { return }
        }
        guard try seek(toByte: 0) else { throw KitError(.badData, "\(name): cannot go back to its start") }
    }

    private func reopen() throws {
        // Keep the old context until the new one is open: the file may have been replaced in the meantime.
        let input = try Self.input(path, MediaPlace(path))
        defer { extendLifetime(input) }
        var fresh: UnsafeMutablePointer<AVFormatContext>? = try Self.open(path, name, input)
        guard fresh!.pointee.nb_streams == context.pointee.nb_streams else {
            avformat_close_input(&fresh)
            throw KitError(.badData, "\(name): has other streams when it is opened again: it changes while it is read")
        }
        closeSource()
        // From here on, the container is needed only for its stream information.
        if input == nil { avio_closep(&context.pointee.pb) }
        inputs = inputs.prefix(1) + [input].compactMap { $0 }
        source = fresh!
        if let selected { select(selected) }
        isFresh = true
    }

    /// Resets the errors of earlier reads. The I/O layer keeps an interrupt as its error even after a seek, and would
    /// report it again at the end of the file.
    private func startAfresh() throws {
        try Interrupt.check()
        faults = 0
        source.pointee.pb?.pointee.error = 0
        source.pointee.pb?.pointee.eof_reached = 0
    }

    /// The next packet of the selected streams, valid until the next call; nil at the end of the file.
    func read() throws -> UnsafeMutablePointer<AVPacket>? {
        isFresh = false
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(source, packet)
            if status >= 0 {
                // libavformat 59 stores the duration of an Ogg stream's last packet in 32 unsigned bits. If the stream
                // ends before the packet, the duration is negative and wraps around.
                if has(.hasPages), packet.pointee.duration > Int64(Int32.max) { packet.pointee.duration = 0 }
                return packet
            }
            try AVLibrary.checkInterrupt(status)
            if status == AVLibrary.endOfFile { return nil }
            faults += 1
            if faults > Self.faultBudget {
                throw KitError(.badData, "\(name): too damaged to read on: \(AVLibrary.message(status))")
            }
        }
    }

    /// The next packet of a video stream.
    ///
    /// AVI and ASF state when a packet is decoded, but not when its frame is shown. For some packets, libav invents
    /// presentation times that depend on where reading began. These are removed, except for that of the first frame,
    /// which is right, and the decoder computes all of them.
    func readFrame(stream: Int) throws -> UnsafeMutablePointer<AVPacket>? {
        while let packet = try read() {
            guard Int(packet.pointee.stream_index) == stream else { continue }
            if hasDecodingTimesAlone(stream: stream), packet.pointee.pts != streams[stream].pointee.start_time {
                packet.pointee.pts = AVLibrary.noTimestamp
            }
            return packet
        }
        return nil
    }

    /// Whether frames are stored in another order than they are shown, in a container that states only decoding times.
    func hasDecodingTimesAlone(stream: Int) -> Bool {
        has(.hasDecodingTimes) && context.pointee.streams[stream]!.pointee.codecpar.pointee.video_delay > 0
    }
}
