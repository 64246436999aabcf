import CAV
import KitCore

/// Reads the frames shown at given times.
///
/// It seeks to the key frame before the first one and reads the times of packets before decoding. It thus knows exactly
/// which frames are wanted, at any frame rate and order of packets. Frames of H.264 that are neither wanted nor
/// referred to by others are not decoded; this does not change the result.
final class VideoReader {
    private let demuxer: Demuxer
    private let track: VideoTrack
    private let stream: UnsafeMutablePointer<AVStream>
    private let decoder: Decoder
    private let tick: Double
    private let firstTick: Int64
    private let end: FilmEnd
    /// Whether times are known after a seek. Program streams were made for MPEG-1 and 2: with other codecs, so few
    /// frames have time stamps that all frames from the start must be counted.
    private let allowsSeeking: Bool
    /// Whether frames that no other refers to can be left out without changing any other. The syntax of H.264
    /// guarantees it.
    var skipsUnreferenced: Bool

    /// If wanted frames are farther apart than this (seconds), the reader seeks instead of decoding everything in
    /// between.
    private static let farApart = 8.0

    init(_ file: MediaFile) throws {
        let track = try file.requireVideo()
        self.track = track
        demuxer = file.demuxer
        stream = demuxer.streams[track.index]
        decoder = try Decoder(stream, of: file.name)
        tick = stream.pointee.time_base.value
        firstTick = Int64((file.zero / tick).rounded())
        end = file.end
        let codec = stream.pointee.codecpar.pointee.codec_id
        skipsUnreferenced = codec == AV_CODEC_ID_H264
        allowsSeeking =
            !demuxer.has(.hasSparseStamps) || [AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO].contains(codec)
    }

    /// A requested frame: its last possible time stamp, and its index in the result.
    private struct Request {
        let ticks: Int64
        let slot: Int
    }

    /// Calls `deliver(slot, frame)` once for each time, in order of presentation.
    func read(at times: [Double], _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void) throws {
        demuxer.select([track.index])
        // Time stamps may be rounded by half a tick (Matroska's are milliseconds), so a frame starts that much earlier.
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

    /// Starts from the nearest key frame. If that is after the first wanted frame, or if the decoder lacks a reference
    /// frame, starts from earlier key frames, and finally from the first packet of the file, also if there is no key
    /// frame at all.
    private func read(_ requests: [Request], _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void) throws {
        var from = requests[0].ticks
        var maySkip = skipsUnreferenced
        var open = requests
        var hasKeys = false
        let attempts = 10
        for attempt in 0...attempts {
            let isStart = from < firstTick || !allowsSeeking || attempt == attempts && !hasKeys
            if isStart { try demuxer.rewind() } else { try demuxer.seek(to: from, stream: track.index) }
            let run = try isStart ? opening(requests) : packets(requests, fromKey: true)
            hasKeys = hasKeys || !run.packets.isEmpty
            let step = Int64(attempt * attempt) * Int64(max(1, 0.5 / tick)) + 1
            from = min(from, run.start ?? from) - step
            let begin = run.times?.first ?? run.start
            if !isStart, run.packets.isEmpty || begin.map({ $0 > open[0].ticks }) ?? false { continue }
            decoder.flush()
            open =
                if let times = run.times {
                    try readIndexed(run, times, open, skipping: maySkip, isStart: isStart, deliver)
                } else { try readInSequence(run, open, isStart: isStart, deliver) }
            if open.isEmpty { return }
            if isStart { break }
            maySkip = false
        }
        let at = Double(open[0].ticks - firstTick) * tick
        throw KitError(
            .badData,
            "\(demuxer.name): no frame can be decoded at \(seconds(at)), though the film claims to last "
                + "\(seconds(track.duration)): truncated or damaged")
    }

    /// The packets from the film's first frame on. A container that can be cut anywhere may hold packets before its first
    /// key frame, which `FirstFrame` does not count as frames either.
    private func opening(_ requests: [Request]) throws -> PacketRun {
        if demuxer.has(.isCutAnywhere) {
            let run = try packets(requests, fromKey: true)
            if !run.packets.isEmpty { return run }
            try demuxer.rewind()
        }
        return try packets(requests, fromKey: false)
    }

    private func packets(_ requests: [Request], fromKey: Bool) throws -> PacketRun {
        try PacketRun(demuxer, stream: track.index, through: requests.last!.ticks, fromKey: fromKey)
    }

    /// With all times known: marks the wanted packets, decodes, and matches frames by their time stamps. Returns the
    /// requests that could not be served.
    ///
    /// - Parameter isStart: whether the run begins with the film's first packet. Requests before the first decodable
    ///   frame then get that one.
    private func readIndexed(
        _ run: PacketRun, _ times: [Int64], _ requests: [Request], skipping: Bool, isStart: Bool,
        _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void
    ) throws -> [Request] {
        var wanted: [Int64: [Request]] = [:]
        var beyond: [Request] = []
        for request in requests {
            // The last time stamp not after the request; a request before the first frame gets the first.
            var low = 0
            var high = times.count
            while low < high {
                let middle = (low + high) / 2
                if times[middle] <= request.ticks { low = middle + 1 } else { high = middle }
            }
            if run.reachedEnd, try isMissing(request, after: times.last!, run) {
                beyond.append(request)
            } else {
                wanted[times[max(0, low - 1)], default: []].append(request)
            }
        }
        let context = decoder.context
        defer { context.pointee.skip_frame = AVDISCARD_DEFAULT }
        let marked = Set(wanted.keys)
        var isFirst = true
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            let stamp = SampleClock.stamp(frame)
            if isStart, isFirst {
                for early in wanted.keys.filter({ $0 < stamp }) {
                    for request in wanted.removeValue(forKey: early)! { try deliver(request.slot, frame) }
                }
            }
            isFirst = false
            for request in wanted.removeValue(forKey: stamp) ?? [] { try deliver(request.slot, frame) }
            return !wanted.isEmpty
        }
        // After the last wanted packet, the decoder is flushed instead of fed with more packets. If the beginning
        // cannot be decoded, the wanted frame comes with a packet that is not marked.
        let needed =
            isStart
            ? run.packets.count
            : run.packets.lastIndex { marked.contains($0.pointee.pts) && !PacketRun.isHidden($0) }.map { $0 + 1 } ?? 0
        for packet in run.packets.prefix(needed) where !wanted.isEmpty {
            context.pointee.skip_frame =
                skipping && !marked.contains(packet.pointee.pts) ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
            if try !decoder.decode(packet, take) { break }
        }
        if !wanted.isEmpty { _ = try decoder.decode(nil, take) }
        return (wanted.values.flatMap { $0 } + beyond).sorted { $0.ticks < $1.ticks }
    }

    /// Without time stamps on all packets: decodes everything, and gives each request the last frame not after it.
    ///
    /// In AVI, whose packets have only decoding times, the decoder computes when a frame is shown. In program streams,
    /// a frame without a time stamp comes one frame duration after the previous one.
    private func readInSequence(
        _ run: PacketRun, _ requests: [Request], isStart: Bool,
        _ deliver: (Int, UnsafeMutablePointer<AVFrame>) throws -> Void
    ) throws -> [Request] {
        var open = requests[...]
        var held: UnsafeMutablePointer<AVFrame>? = nil
        var heldTicks = Int64.min
        defer { av_frame_free(&held) }
        let countsFrames = demuxer.has(.hasSparseStamps)
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            var ticks = countsFrames ? frame.pointee.pts : frame.pointee.best_effort_timestamp
            if ticks == AVLibrary.noTimestamp {
                guard held != nil || isStart else { return true }  // Nobody knows when it is shown.
                ticks = held == nil ? firstTick : heldTicks + decoder.frameTicks(held!, rate: track.frameRate)
            }
            while let request = open.first, request.ticks < ticks {
                // Because of reordering, the key frame itself may be shown after the wanted frame: begin earlier.
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
        while !run.reachedEnd, let packet = try demuxer.readFrame(stream: track.index) {
            if try !decoder.decode(packet, take) { return Array(open) }
        }
        if try !decoder.decode(nil, take) { return Array(open) }
        while let request = open.first, let held, try !isMissing(request, after: heldTicks, run) {
            try deliver(request.slot, held)
            open.removeFirst()
        }
        return Array(open)
    }

    /// Whether a request after the last frame asks for one that should exist. The last frame lasts for its own
    /// duration; if the film continues without frames, it is held, as in players.
    private func isMissing(_ request: Request, after last: Int64, _ run: PacketRun) throws -> Bool {
        let shown = last + max(1, run.packets.last?.pointee.duration ?? 0)
        guard request.ticks > shown else { return false }
        return try end.isCutShort(at: Double(shown - firstTick) * tick, stated: track.statedDuration)
    }
}
