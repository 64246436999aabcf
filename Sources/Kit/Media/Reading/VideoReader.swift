import CAV
import KitCore

/// Fetches the pictures shown at given times.
///
/// It goes to the key frame before the first, reads the packets' times ahead of decoding, and so knows exactly which
/// pictures are wanted, at any frame rate and order of packets. Pictures of H.264 that are neither wanted nor referred to by
/// others are not decoded; what is fetched is the same without that.
final class VideoReader {
    private let demuxer: Demuxer
    private let track: VideoTrack
    private let stream: UnsafeMutablePointer<AVStream>
    private let decoder: Decoder
    private let tick: Double
    private let firstTick: Int64
    /// Pictures that no other refers to may be left out without changing any other. True of H.264 by its very syntax.
    var skipsUnreferenced: Bool

    /// Wanted pictures farther apart than this (seconds) are sought anew rather than reached by decoding on.
    private static let farApart = 8.0

    init(_ file: MediaFile) throws {
        let track = try file.requireVideo()
        self.track = track
        demuxer = file.demuxer
        stream = demuxer.streams[track.index]
        decoder = try Decoder(stream, of: file.name)
        tick = stream.pointee.time_base.value
        firstTick =
            stream.pointee.start_time == AVLibrary.noTimestamp
            ? Int64((file.zero / tick).rounded()) : stream.pointee.start_time
        skipsUnreferenced = stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_H264
    }

    /// A picture that is asked for: its last possible time stamp, and which of the answers it is.
    private struct Request {
        let ticks: Int64
        let slot: Int
    }

    /// Calls `deliver(slot, picture)` once for each time, in order of presentation.
    func read(at times: [Double], _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void) throws {
        demuxer.select([track.index])
        // Time stamps may be rounded by half a tick (Matroska's are milliseconds): a picture counts from that much earlier.
        let rounding = min(0.5, 0.0005 / tick) + 1e-6
        let requests = times.enumerated().map {
            Request(ticks: firstTick + Int64(($1 / tick + rounding).rounded(.down)), slot: $0)
        }.sorted { ($0.ticks, $0.slot) < ($1.ticks, $1.slot) }
        var group: [Request] = []
        for request in requests {
            if let last = group.last, Double(request.ticks - last.ticks) * tick > Self.farApart {
                try read(group, deliver)
                group = []
            }
            group.append(request)
        }
        if !group.isEmpty { try read(group, deliver) }
    }

    /// Tries from the nearest key frame, and from earlier ones if that one lies after the first picture wanted or if the
    /// decoder cannot show a picture for lack of what it refers to.
    private func read(_ requests: [Request], _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void) throws {
        var from = requests[0].ticks
        var before: Int64?
        var maySkip = skipsUnreferenced
        var open = requests
        for attempt in 0..<10 {
            try demuxer.seek(to: from, stream: track.index)
            let run = try PacketRun(demuxer, stream: track.index, through: requests.last!.ticks)
            let isStart = attempt > 0 && run.start == before
            before = run.start
            let earlier = (run.start ?? from) - Int64(attempt * attempt) * Int64(max(1, 0.5 / tick)) - 1
            if let first = run.times?.first ?? run.start, first > open[0].ticks, !isStart {
                from = earlier
                continue
            }
            decoder.flush()
            open =
                if let times = run.times {
                    try readIndexed(run, times, open, skipping: maySkip, deliver)
                } else { try readInSequence(run, open, isStart: isStart, deliver) }
            if open.isEmpty { return }
            if isStart { break }
            maySkip = false
            from = earlier
        }
        let at = Double(open[0].ticks - firstTick) * tick
        throw KitError(
            .badData,
            "\(demuxer.name): no picture can be decoded at \(seconds(at)), though the film claims to last "
                + "\(seconds(track.duration)): truncated or damaged")
    }

    /// With all times known: marks the wanted packets, decodes, and matches pictures by their time stamps. Returns the
    /// requests that could not be served.
    private func readIndexed(
        _ run: PacketRun, _ times: [Int64], _ requests: [Request], skipping: Bool,
        _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void
    ) throws -> [Request] {
        var wanted: [Int64: [Request]] = [:]
        var beyond: [Request] = []
        let end = times.last! + endSlack(run)
        for request in requests {
            // The last time stamp not after the request; a request before the first picture gets the first.
            var low = 0
            var high = times.count
            while low < high {
                let middle = (low + high) / 2
                if times[middle] <= request.ticks { low = middle + 1 } else { high = middle }
            }
            if run.reachedEnd, request.ticks > end {
                beyond.append(request)
            } else {
                wanted[times[max(0, low - 1)], default: []].append(request)
            }
        }
        let context = decoder.context
        defer { context.pointee.skip_frame = AVDISCARD_DEFAULT }
        let marked = Set(wanted.keys)
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            let stamp =
                frame.pointee.pts == AVLibrary.noTimestamp ? frame.pointee.best_effort_timestamp : frame.pointee.pts
            for request in wanted.removeValue(forKey: stamp) ?? [] { try deliver(request.slot, frame) }
            return !wanted.isEmpty
        }
        // Behind the last wanted packet the decoder is asked for what it holds back, not fed until it gives that away.
        let needed = run.packets.lastIndex { marked.contains($0.pointee.pts) }.map { $0 + 1 } ?? 0
        for packet in run.packets.prefix(needed) where !wanted.isEmpty {
            context.pointee.skip_frame =
                skipping && !marked.contains(packet.pointee.pts) ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
            if try !decoder.decode(packet, take) { break }
        }
        if !wanted.isEmpty { _ = try decoder.decode(nil, take) }
        return (wanted.values.flatMap { $0 } + beyond).sorted { $0.ticks < $1.ticks }
    }

    /// Without time stamps on the packets (AVI): decodes everything, and gives each request the last picture not after it,
    /// by the times that the decoder works out.
    private func readInSequence(
        _ run: PacketRun, _ requests: [Request], isStart: Bool,
        _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void
    ) throws -> [Request] {
        var open = requests[...]
        var held: UnsafeMutablePointer<AVFrame>? = nil
        var heldTicks = Int64.min
        defer { av_frame_free(&held) }
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            let stamp = frame.pointee.best_effort_timestamp
            let ticks = stamp == AVLibrary.noTimestamp ? max(heldTicks, firstTick - 1) + 1 : stamp
            while let request = open.first, request.ticks < ticks {
                // Reordering may show the key frame itself later than what is wanted: begin earlier.
                if held == nil, !isStart { return false }
                try deliver(request.slot, held ?? frame)
                open.removeFirst()
            }
            av_frame_free(&held)
            held = av_frame_clone(frame)
            heldTicks = ticks
            return !open.isEmpty
        }
        for packet in run.packets {
            if try !decoder.decode(packet, take) { return Array(open) }
        }
        while !run.reachedEnd, let packet = try demuxer.read() {
            if Int(packet.pointee.stream_index) == track.index, try !decoder.decode(packet, take) { return Array(open) }
        }
        if try !decoder.decode(nil, take) { return Array(open) }
        while let request = open.first, let held, request.ticks <= heldTicks + endSlack(run) {
            try deliver(request.slot, held)
            open.removeFirst()
        }
        return Array(open)
    }

    /// How long the last picture may stay: its own length and half a second. If more is missing, the file is cut short.
    private func endSlack(_ run: PacketRun) -> Int64 {
        Int64(0.5 / tick) + max(1, run.packets.last?.pointee.duration ?? 0)
    }
}
