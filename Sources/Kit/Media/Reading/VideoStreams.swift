import CAV
import KitCore

/// Which of a container's picture streams is the film.
enum PictureStreams {
    /// Codecs of still images: a lone picture of theirs is a cover, not a film that stands still.
    private static let stills: Set<UInt32> = Set(
        [
            AV_CODEC_ID_MJPEG, AV_CODEC_ID_PNG, AV_CODEC_ID_BMP, AV_CODEC_ID_GIF, AV_CODEC_ID_WEBP, AV_CODEC_ID_TIFF,
            AV_CODEC_ID_JPEG2000, AV_CODEC_ID_JPEGLS, AV_CODEC_ID_LJPEG, AV_CODEC_ID_PPM, AV_CODEC_ID_TARGA,
        ].map(\.rawValue))
    /// Pictures of such a codec that may be covers all of them.
    private static let mostCovers = 4
    /// Seconds of other streams in which a second picture must come.
    private static let patience = 60.0

    /// The first moving picture stream. Covers, however they are marked, are passed over; a single picture of a film's codec
    /// is a film that stands still, unless there is another that moves.
    static func film(of demuxer: Demuxer) throws -> UnsafeMutablePointer<AVStream>? {
        let candidates = demuxer.streams.filter { $0.kind == AVMEDIA_TYPE_VIDEO && !$0.isMarkedAsCover }
        // What there is to choose from, or to doubt, is rare: else no packet is read.
        guard candidates.count > 1 || candidates.contains(where: isStill) else { return candidates.first }
        let moving = try candidates.first { try moves($0, demuxer) }
        return moving ?? candidates.first { !isStill($0) }
    }

    private static func isStill(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        stills.contains(stream.pointee.codecpar.pointee.codec_id.rawValue)
    }

    /// Whether so many pictures, in so many seconds, move. A few still images are covers (front, back, disc), though their stream
    /// may be marked as a film's; as a film they would come one after another.
    private static func moves(
        _ pictures: Int, in seconds: Double, _ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer
    ) -> Bool {
        guard isStill(stream), demuxer.streams.contains(where: { $0 != stream && $0.isTrack }) else {
            return pictures > 1
        }
        return pictures > mostCovers || pictures > 1 && Double(pictures) >= 2 * seconds
    }

    private static func moves(_ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) throws -> Bool {
        if stream.pointee.nb_frames > 0 {
            return moves(Int(stream.pointee.nb_frames), in: demuxer.statedLength ?? 0, stream, demuxer)
        }
        demuxer.select(Set(demuxer.streams.map { Int($0.pointee.index) }))
        try demuxer.rewind()
        var pictures = 0
        var (first, last) = (Double?.none, -Double.infinity)
        let enough = isStill(stream) ? mostCovers + 1 : 2
        while let packet = try demuxer.read() {
            let source = demuxer.streams[Int(packet.pointee.stream_index)]
            if source == stream { pictures += 1 }
            if pictures >= enough { return true }
            let stamp = packet.pointee.dts == AVLibrary.noTimestamp ? packet.pointee.pts : packet.pointee.dts
            guard stamp != AVLibrary.noTimestamp else { continue }
            let time = Double(stamp) * source.pointee.time_base.value
            first = first ?? time
            last = max(last, time)
            if time > first! + patience { return false }
        }
        // A film with no packets that can be read is told of where its pictures are.
        return pictures == 0 || moves(pictures, in: first.map { last - $0 } ?? 0, stream, demuxer)
    }
}
