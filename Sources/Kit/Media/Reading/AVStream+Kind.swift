import CAV

extension UnsafeMutablePointer where Pointee == AVStream {
    /// Pictures, sound, subtitles, an attachment or other data.
    var kind: AVMediaType { pointee.codecpar.pointee.codec_type }

    /// Whether the container says that the picture is a cover.
    var isMarkedAsCover: Bool { pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 }

    /// Whether its packets are part of the recording: pictures, sound or subtitles, and no cover.
    var isTrack: Bool {
        [AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_SUBTITLE].contains(kind) && !isMarkedAsCover
    }
}
