import CAV

/// The language tags of a container's streams, by stream number. The newer elements for BCP 47 tags (`fr-CA`), which
/// can state a region, replace the older codes, as the formats' specifications require.
struct TrackLanguages {
    private let newer: [Int: String]

    init(_ demuxer: Demuxer) {
        let streams = demuxer.streams
        if demuxer.container.layout == .quickTime {
            newer = streams.reduce(into: [:]) {
                $0[Int($1.pointee.index)] = demuxer.movieTracks[Int($1.pointee.id)]?.language
            }
            return
        }
        guard demuxer.container.layout == .matroska, let file = FileBytes(demuxer.path) else {
            newer = [:]
            return
        }
        let tracks = Matroska.tracks(file)
        // libavformat keeps the order of tracks, and attachments follow. If it left one out, tracks cannot be matched.
        let kinds = streams.map { $0.pointee.codecpar.pointee.codec_type }
        let expected: [AVMediaType] = tracks.map {
            switch $0.type {
            case 1: AVMEDIA_TYPE_VIDEO
            case 2: AVMEDIA_TYPE_AUDIO
            case 17: AVMEDIA_TYPE_SUBTITLE
            default: AVMEDIA_TYPE_DATA
            }
        }
        guard Array(kinds.prefix(tracks.count)) == expected else {
            newer = [:]
            return
        }
        newer = tracks.enumerated().reduce(into: [:]) { $0[$1.offset] = $1.element.language }
    }

    /// The tag of a stream as in the file; nil if it has none.
    func tag(_ stream: UnsafeMutablePointer<AVStream>) -> String? {
        newer[Int(stream.pointee.index)]
            ?? av_dict_get(stream.pointee.metadata, "language", nil, 0).map { String(cString: $0.pointee.value) }
    }
}
