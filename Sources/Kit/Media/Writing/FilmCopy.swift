import CAV
import Glibc
import KitCore

/// Copies a film packet by packet, without encoding, and adds one sound track.
///
/// Video, sound tracks, subtitles, attachments, chapters and tags are kept. Streams of other kinds (time codes) are
/// left out and listed in `leftOut`. The copy appears under its name when it is complete and has been read back: every
/// packet of every stream must be there. The name may be that of the film. Memory does not grow with the film's length.
public final class FilmCopy {
    /// Streams that a container of this kind cannot have: "#3 (data)".
    public let leftOut: [String]
    private let source: MediaFile
    /// Packets come from the film opened again: seeking back in a file does not lead to the first packet of every
    /// stream.
    private let demuxer: Demuxer
    private let file: MuxedFile
    private let encoder: AudioStreamEncoder
    private var tally: PacketTally
    /// By the stream's number in the source.
    private var copies: [Int: Copy] = [:]
    private let expectedBytes: Int
    private let dropped: Set<Int>

    private struct Copy {
        let from: UnsafeMutablePointer<AVStream>
        let to: UnsafeMutablePointer<AVStream>
        /// Ticks of the source by which all times are delayed.
        var delay: Int64
    }

    /// - Parameters:
    ///   - source: the film to copy.
    ///   - path: the new film, which appears when it is complete.
    ///   - sound: the new track; its first sample is heard with the first frame.
    ///   - dropped: the numbers of streams to leave out.
    ///   - isTrial: whether nothing will be written: only whether the new film can have all these tracks is found out.
    public init(
        _ source: String, to path: String, adding sound: FilmWriter.Sound, dropping dropped: Set<Int> = [],
        isTrial: Bool = false
    ) throws {
        self.source = try MediaFile(source)
        self.dropped = dropped
        file = try MuxedFile(path)
        var sound = sound
        sound.start = self.source.zero
        demuxer = try Demuxer(path: source)
        tally = PacketTally(film: demuxer.name)
        let rate = sound.bitRate ?? sound.sampleRate * sound.channels * 16
        expectedBytes = demuxer.place.range.count + Int(self.source.duration * Double(rate) / 8)
        try Self.checkSpace(for: expectedBytes, at: path)
        let kinds = [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE, AVMEDIA_TYPE_ATTACHMENT]
        // mp4 keeps the titles of chapters in a track, which the writer recreates.
        func isChapters(_ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) -> Bool {
            demuxer.context.pointee.nb_chapters > 0
                && stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_BIN_DATA
        }
        try Self.checkCrop(demuxer)
        let languages = TrackLanguages(demuxer)
        var added: [(index: Int, copy: Copy)] = []
        var leftOut: [String] = []
        for stream in demuxer.streams {
            let index = Int(stream.pointee.index)
            guard !dropped.contains(index) else { continue }
            if file.container.layout == .matroska, stream.isMarkedAsCover {
                try Attachments.add(stream, to: file)
            } else if kinds.contains(stream.kind) {
                added.append((index, try Self.copy(of: stream, in: file, from: demuxer, languages)))
            } else if !isChapters(stream, demuxer) {
                let kind = av_get_media_type_string(stream.kind)
                leftOut.append("#\(index) (\(kind.map { String(cString: $0) } ?? "unknown"))")
            }
        }
        self.leftOut = leftOut
        copies = Dictionary(uniqueKeysWithValues: added.map { ($0.index, $0.copy) })
        encoder = try AudioStreamEncoder(sound, in: file.context, path: path)
        if file.container.traits.contains(.countsMilliseconds) { alignToMilliseconds() }
        av_dict_copy(&file.context.pointee.metadata, demuxer.context.pointee.metadata, 0)
        Self.copyChapters(from: demuxer.context, to: file.context)
        let rates = added.map { Int($0.copy.to.pointee.codecpar.pointee.sample_rate) }.filter { $0 > 0 }
        try file.begin(sampleRates: rates + [sound.sampleRate], isTrial: isTrial)
    }

    /// Seconds by which the first packet may precede the first sample of its stream, or be decoded before its first
    /// frame.
    private static let longestPriming = 0.2

    /// As in `FilmWriter`: no time is below 0, and none must be rounded by the container's clock. This is already true
    /// of a Matroska source, but the codec of the new track may need a lead. Other containers count codec priming as
    /// negative times.
    private func alignToMilliseconds() {
        encoder.alignToMilliseconds()
        let lead = max(encoder.lead, demuxer.has(.countsMilliseconds) ? 0 : Self.longestPriming)
        let milliseconds = 40 * Int((max(0, lead) * 25).rounded(.up))
        encoder.shift(milliseconds: milliseconds)
        let thousandth = AVRational(num: 1, den: 1000)
        for (index, copy) in copies {
            copies[index]!.delay += av_rescale_q(Int64(milliseconds), thousandth, copy.from.pointee.time_base)
        }
        file.context.pointee.avoid_negative_ts = 0
    }

    /// Writes the film. `next` returns the new track piece by piece, and nil at its end.
    public func write(_ next: () throws -> Waveform?) throws {
        do {
            try writePackets(next)
        } catch let error as KitError where error.kind == .inputOutput {
            throw KitError(.inputOutput, "\(error.message) (it takes about \(expectedBytes) bytes)")
        }
    }

    private func writePackets(_ next: () throws -> Waveform?) throws {
        demuxer.select(Set(copies.keys))
        var piece: (sound: Waveform, used: Int)?
        var (heard, isOver) = (0.0, false)
        /// The new track is written in step with the others, so that a reader finds the first frame among the first
        /// packets.
        func encode(until time: Double) throws {
            while !isOver, heard <= time {
                if piece.map({ $0.used == $0.sound.count }) ?? true { piece = try next().map { ($0, 0) } }
                guard let (sound, used) = piece else {
                    isOver = true
                    return try encoder.finish()
                }
                let range = used..<min(sound.count, used + max(1, sound.sampleRate / 4))
                try encoder.write(sound.part(range))
                piece!.used = range.upperBound
                heard += Double(range.count) / Double(sound.sampleRate)
            }
        }
        while let packet = try demuxer.read() {
            guard let copy = copies[Int(packet.pointee.stream_index)] else { continue }
            let stamp = packet.pointee.dts == AVLibrary.noTimestamp ? packet.pointee.pts : packet.pointee.dts
            if stamp != AVLibrary.noTimestamp {
                try encode(until: Double(stamp) * copy.from.pointee.time_base.value - source.zero)
            }
            if packet.pointee.pts != AVLibrary.noTimestamp { packet.pointee.pts += copy.delay }
            if packet.pointee.dts != AVLibrary.noTimestamp { packet.pointee.dts += copy.delay }
            packet.pointee.stream_index = copy.to.pointee.index
            packet.pointee.pos = -1
            tally.note(packet)
            av_packet_rescale_ts(packet, copy.from.pointee.time_base, copy.to.pointee.time_base)
            try file.check(
                av_interleaved_write_frame(file.context, packet), .badData, "this container cannot hold its packets")
        }
        try encode(until: .infinity)
        let tracks = copies.values.map(\.to).filter(\.isTrack)
        let streams = (tracks.map { Int($0.pointee.index) } + [encoder.index]).sorted()
        let orientations = tracks.filter { $0.kind == AVMEDIA_TYPE_VIDEO }
            .sorted { $0.pointee.index < $1.pointee.index }.map(StreamLayout.orientation)
        try file.finish {
            try tally.check(
                $0, streams: streams, added: encoder.index, seconds: heard, orientations: orientations,
                attachments: Attachments.all(demuxer.streams.filter { !dropped.contains(Int($0.pointee.index)) }))
        }
    }

    /// libavformat 59 neither reads nor writes the cropping of video in Matroska.
    private static func checkCrop(_ demuxer: Demuxer) throws {
        guard demuxer.container.layout == .matroska, let file = FileBytes(demuxer.path) else { return }
        if Matroska.tracks(file).contains(where: \.isCropped) {
            throw PacketTally.lost("its video would no longer be cropped (PixelCrop)", of: demuxer.name)
        }
    }

    private static func copy(
        of stream: UnsafeMutablePointer<AVStream>, in file: MuxedFile, from demuxer: Demuxer,
        _ languages: TrackLanguages
    ) throws -> Copy {
        guard let made = avformat_new_stream(file.context, nil) else { throw KitError(.internalFault, "no memory") }
        try AVLibrary.check(
            avcodec_parameters_copy(made.pointee.codecpar, stream.pointee.codecpar), .internalFault,
            "\(file.path): cannot copy a track")
        // Codec codes are specific to the container.
        if !(file.container.layout == .quickTime && demuxer.container.layout == .quickTime) {
            made.pointee.codecpar.pointee.codec_tag = 0
        }
        made.pointee.time_base = stream.pointee.time_base
        made.pointee.disposition = stream.pointee.disposition
        // If the container and the codec state different pixel shapes, writers refuse. Players use the container's.
        made.pointee.sample_aspect_ratio = stream.pointee.sample_aspect_ratio
        if stream.pointee.sample_aspect_ratio.num > 0 {
            made.pointee.codecpar.pointee.sample_aspect_ratio = stream.pointee.sample_aspect_ratio
        }
        made.pointee.avg_frame_rate = stream.pointee.avg_frame_rate
        made.pointee.r_frame_rate = stream.pointee.r_frame_rate
        av_dict_copy(&made.pointee.metadata, stream.pointee.metadata, 0)
        if let title = StreamLayout.title(stream, demuxer) { av_dict_set(&made.pointee.metadata, "title", title, 0) }
        // libav does not write the element for tags with a region; Matroska's older one takes the whole tag as well.
        if file.container.layout == .matroska, let tag = languages.tag(stream) {
            av_dict_set(&made.pointee.metadata, "language", tag, 0)
        }
        // Matroska's writer adds its own.
        av_dict_set(&made.pointee.metadata, "DURATION", nil, 0)
        for number in 0..<Int(stream.pointee.nb_side_data) {
            let data = stream.pointee.side_data[number]
            guard let room = av_stream_new_side_data(made, data.type, data.size) else { continue }
            room.update(from: data.data, count: data.size)
        }
        // Matroska's reader subtracts Opus's delay from all times, but the writer does not add it.
        let parameters = stream.pointee.codecpar.pointee
        let isShifted = file.container.layout == .matroska && parameters.codec_id == AV_CODEC_ID_OPUS
        let second = AVRational(num: 1, den: max(1, parameters.sample_rate))
        let delay =
            isShifted ? av_rescale_q(Int64(parameters.initial_padding), second, stream.pointee.time_base) : 0
        return Copy(from: stream, to: made, delay: delay)
    }

    private static func copyChapters(
        from source: UnsafeMutablePointer<AVFormatContext>, to target: UnsafeMutablePointer<AVFormatContext>
    ) {
        let count = Int(source.pointee.nb_chapters)
        guard count > 0, let list = av_calloc(count, MemoryLayout<UnsafeMutablePointer<AVChapter>?>.size) else {
            return
        }
        target.pointee.chapters = list.assumingMemoryBound(to: UnsafeMutablePointer<AVChapter>?.self)
        for index in 0..<count {
            guard let chapter = source.pointee.chapters[index],
                let room = av_mallocz(MemoryLayout<AVChapter>.size)?.assumingMemoryBound(to: AVChapter.self)
            else { return }
            (room.pointee.id, room.pointee.time_base) = (chapter.pointee.id, chapter.pointee.time_base)
            (room.pointee.start, room.pointee.end) = (chapter.pointee.start, chapter.pointee.end)
            av_dict_copy(&room.pointee.metadata, chapter.pointee.metadata, 0)
            target.pointee.chapters[index] = room
            target.pointee.nb_chapters = UInt32(index + 1)
        }
    }

    /// Check the disk before the work.
    private static func checkSpace(for bytes: Int, at path: String) throws {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        guard free < bytes else { return }
        throw KitError(
            .inputOutput, "\(path): cannot be written: it takes about \(bytes) bytes, but the disk has \(free) left")
    }
}
