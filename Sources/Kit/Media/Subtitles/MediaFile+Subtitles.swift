import CAV
import KitCore

extension MediaFile {
    /// The film's own tracks of subtitles, in the container's order.
    public var subtitleTracks: [SubtitleTrack] {
        let languages = TrackLanguages(demuxer)
        return demuxer.streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE }.map {
            stream in
            let codec = stream.pointee.codecpar.pointee.codec_id
            return SubtitleTrack(
                index: Int(stream.pointee.index),
                language: languages.tag(stream).flatMap { try? Language($0) } ?? .undetermined,
                codec: String(cString: avcodec_get_name(codec)), isText: SubtitleDecoder.isText(codec),
                title: av_dict_get(stream.pointee.metadata, "title", nil, 0).map { String(cString: $0.pointee.value) })
        }
    }

    /// Reads all entries of a track, by their start, in seconds on the film's time line. Those before its start are left
    /// out.
    public func readSubtitles(_ track: SubtitleTrack) throws -> [Subtitle] {
        // A reader of its own: those of frames and sound must not lose their place.
        let own = try Demuxer(path: path)
        guard own.streams.indices.contains(track.index) else {
            throw KitError(.badData, "\(name): has no stream #\(track.index)")
        }
        let decoder = try SubtitleDecoder(own.streams[track.index], of: "\(name): stream #\(track.index)")
        own.select([track.index])
        var subtitles: [Subtitle] = []
        while let packet = try own.read() {
            guard Int(packet.pointee.stream_index) == track.index, let found = try decoder.decode(packet) else {
                continue
            }
            let subtitle = Subtitle(start: max(0, found.start - zero), end: found.end - zero, text: found.text)
            if subtitle.end > 0 { subtitles.append(subtitle) }
        }
        return subtitles.sortedByStart
    }
}
