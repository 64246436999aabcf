import CAV
import KitCore

/// Chooses the video stream of the film in a container.
enum VideoStreams {
    /// Codecs of still images: a single frame of such a codec is a cover, not a film of one frame.
    private static let stills: Set<UInt32> = Set(
        [
            AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG, AV_CODEC_ID_BMP, AV_CODEC_ID_GIF, AV_CODEC_ID_WEBP, AV_CODEC_ID_TIFF,
            AV_CODEC_ID_JPEG2000, AV_CODEC_ID_JPEGLS, AV_CODEC_ID_LJPEG, AV_CODEC_ID_PPM, AV_CODEC_ID_TARGA,
        ].map(\.rawValue))
    /// The number of frames of such a codec that may all be covers.
    private static let mostCovers = 4
    /// Seconds of other streams within which a second frame must follow.
    private static let patience = 60.0

    /// The first video stream with motion. Covers are ignored, however they are marked. A single frame of a video codec
    /// is a film of one frame, unless another stream moves.
    static func film(of demuxer: Demuxer) throws -> UnsafeMutablePointer<AVStream>? {
        let candidates = demuxer.streams.filter { $0.kind == AVMEDIA_TYPE_VIDEO && !$0.isMarkedAsCover }
        // Packets are read only if there is a choice or a doubt, which is rare.
        guard candidates.count > 1 || candidates.contains(where: isStill) else { return candidates.first }
        let moving = try candidates.first { try moves($0, demuxer) }
        return moving ?? candidates.first { !isStill($0) }
    }

    private static func isStill(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        stills.contains(stream.pointee.codecpar.pointee.codec_id.rawValue)
    }

    /// Whether this many frames in this many seconds are video. A few still images are covers (front, back, disc), even
    /// if their stream is not marked as a cover; in a film they would follow each other quickly.
    private static func moves(
        _ frames: Int, in seconds: Double, _ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer
    ) -> Bool {
        guard isStill(stream), demuxer.streams.contains(where: { $0 != stream && $0.isTrack }) else {
            return frames > 1
        }
        return frames > mostCovers || frames > 1 && Double(frames) >= 2 * seconds
    }

    private static func moves(_ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) throws -> Bool {
        if stream.pointee.nb_frames > 0 {
            return moves(Int(stream.pointee.nb_frames), in: demuxer.statedLength ?? 0, stream, demuxer)
        }
        demuxer.select(Set(demuxer.streams.map { Int($0.pointee.index) }))
        try demuxer.rewind()
        var frames = 0
        var (first, last) = (Double?.none, -Double.infinity)
        let enough = isStill(stream) ? mostCovers + 1 : 2
        while let packet = try demuxer.read() {
            let source = demuxer.streams[Int(packet.pointee.stream_index)]
            if source == stream { frames += 1 }
            if frames >= enough { return true }
            let stamp = packet.pointee.dts == AVLibrary.noTimestamp ? packet.pointee.pts : packet.pointee.dts
            guard stamp != AVLibrary.noTimestamp else { continue }
            let time = Double(stamp) * source.pointee.time_base.value
            first = first ?? time
            last = max(last, time)
            if time > first! + patience { return false }
        }
        // A film without readable packets is reported where its frames are read.
        return frames == 0 || moves(frames, in: first.map { last - $0 } ?? 0, stream, demuxer)
    }
}
