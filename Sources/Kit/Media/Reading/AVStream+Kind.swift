import CAV

extension UnsafeMutablePointer where Pointee == AVStream {
    /// Video, sound, subtitles, an attachment or other data.
    var kind: AVMediaType { pointee.codecpar.pointee.codec_type }

    /// Whether the container marks the video as a cover.
    var isMarkedAsCover: Bool { pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }

    /// Whether its packets are part of the recording: video, sound or subtitles, but not a cover.
    var isTrack: Bool {
        [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE].contains(kind) && !isMarkedAsCover
    }
}
