import CSndfile

extension Container {
    /// All containers that the kit opens.
    public static let all: [Container] = [
        Container(
            "mp4, mov, 3gp", demuxers: ["mov", "mp4", "m4a", "3gp", "3g2", "mj2"],
            films: [
                .written("mp4", .aac, added: [.aac, .opus, .flac, .mp3, .vorbis, .ac3]),
                .written("m4v", .aac, added: [.aac, .ac3]),
                .written("mov", .aac, languages: .common), .written("f4v", .aac), .written("3gp", .aac),
                .written("3g2", .aac),
            ] + .read("qt", "3gpp", "3gpp2", "mj2"),
            sounds: [.written("m4a", .aac, soundFile: .libav), .written("m4b", .aac)] + .read("m4r", "m4p", "f4a"),
            layout: .quickTime, secondFile: QuickTime.secondFile),
        Container(
            "Matroska, WebM", demuxers: ["matroska", "webm"],
            films: [
                .written("mkv", .opus, added: [.flac, .aac, .opus, .mp3, .vorbis, .ac3]),
                .written("webm", .opus, added: [.opus, .vorbis]),
            ] + .read("mk3d"),
            sounds: [.written("mka", .opus)] + .read("weba"),
            layout: .matroska, traits: [.hasPartialIndex, .hasVideoIndex, .countsMilliseconds],
            secondFile: Matroska.secondFile),
        Container(
            "AVI", demuxers: ["avi"], films: [.written("avi", .aac, languages: .none)] + .read("divx"),
            traits: [.hasDecodingTimes, .hasCountedSound, .hidesGaps], secondFile: SecondFile.riff),
        Container(
            "FLV", demuxers: ["flv"], films: [.written("flv", .aac, languages: .none)],
            traits: [.isSearchedForJoints, .isCutAnywhere, .hasOneLength], secondFile: SecondFile.flv),
        Container(
            "ASF", demuxers: ["asf"],
            films: [.written("wmv", .aac, languages: .common), .written("asf", .aac, languages: .common)]
                + .read("dvr-ms"),
            sounds: [.written("wma", .aac, languages: .common)],
            traits: [
                .isSearchedForJoints, .hasPartialIndex, .hasDecodingTimes, .hasCountedSound, .hasOneLength,
                .countsBuffering,
            ], secondFile: SecondFile.asf),
        Container(
            "Ogg", demuxers: ["ogg"], films: .read("ogv", "ogm"),
            sounds: [
                .written("ogg", .vorbis, soundFile: .libav),
                .written("oga", .flac),
                .written("opus", .opus, soundFile: .libav),
            ] + .read("spx"),
            traits: [.isSearchedForJoints, .hasPages]),
        Container(
            "MPEG program stream", demuxers: ["mpeg"],
            films: [
                .written("mpg", .mp3, languages: .none), .written("mpeg", .mp3, languages: .none),
                .written("vob", .mp3, languages: .none),
            ] + .read("mpe", "m2p", "vro", "mod", "tod"),
            traits: [.isSearchedForJoints, .hasRecordingClock, .isCutAnywhere, .hasSparseStamps]),
        Container(
            "MPEG transport stream", demuxers: ["mpegts"],
            films: [
                .written("ts", .aac, added: broadcast), .written("m2ts", .aac, added: broadcast),
                .written("mts", .aac, added: broadcast), .written("m2t", .aac, added: broadcast),
            ] + .read("trp"),
            traits: [.isSearchedForJoints, .hasRecordingClock, .isCutAnywhere]),
        Container(
            "WAVE", demuxers: ["wav"],
            sounds: [
                .written(
                    "wav", .pcmFloat, languages: .none,
                    soundFile: .sndfile(SF_FORMAT_WAV | SF_FORMAT_FLOAT))
            ] + .read("wave", "bwf", "rf64"),
            secondFile: SecondFile.riff),
        Container(
            "Wave64", demuxers: ["w64"], sounds: [.written("w64", .pcmFloat, languages: .none)],
            secondFile: SecondFile.wave64),
        Container(
            "FLAC", demuxers: ["flac"],
            sounds: [
                .written(
                    "flac", .flac, languages: .none,
                    soundFile: .sndfile(SF_FORMAT_FLAC | SF_FORMAT_PCM_24))
            ],
            traits: [.isSearchedForJoints]),
        Container(
            "MP3", demuxers: ["mp3"],
            sounds: [.written("mp3", .mp3, languages: .none, soundFile: .libav)] + .read("mp2", "mp1"),
            traits: [.isSearchedForJoints]),
        Container(
            "ADTS", demuxers: ["aac"], sounds: [.written("aac", .aac, languages: .none)] + .read("adts"),
            traits: [.isSearchedForJoints]),
        Container(
            "AIFF", demuxers: ["aiff"],
            sounds: [
                .written("aif", .pcm16, languages: .none), .written("aiff", .pcm16, languages: .none),
                .written("aifc", .pcm16, languages: .none),
            ],
            secondFile: SecondFile.aiff),
        Container(
            "Core Audio", demuxers: ["caf"], sounds: [.written("caf", .pcmFloat, languages: .none)],
            secondFile: SecondFile.coreAudio),
    ]

    /// The codecs of sound that a transport stream can name.
    private static let broadcast: [AudioCodec] = [.aac, .opus, .mp3, .ac3]

    /// Endings of films and sounds in containers that the kit does not open.
    static let unreadEndings: Set<String> = [
        "ac3", "eac3", "ec3", "ac4", "dts", "dtshd", "thd", "truehd", "mlp", "amr", "awb", "ape", "wv", "tta", "tak",
        "mpc", "shn", "dsf", "dff", "au", "snd", "voc", "ra", "rm", "rmvb", "mxf", "gxf", "nut", "ivf", "y4m", "h264",
        "264", "avc", "h265", "265", "hevc", "obu", "m1v", "m2v", "mpv", "dv", "dif", "wtv", "evo", "ism", "ismv",
        "isma", "m3u8", "mpd", "bik", "smk", "nsv",
    ]
}

extension Container.Ending {
    /// An ending that the kit writes.
    ///
    /// - Parameters:
    ///   - sound: codec of sound.
    ///   - added: codecs that an added track can have, the usual one first.
    ///   - languages: that its tracks keep.
    ///   - soundFile: how `Waveform.write` writes it; nil if it does not.
    fileprivate static func written(
        _ name: String, _ sound: AudioCodec, added: [AudioCodec] = [], languages: Container.Languages = .all,
        soundFile: Container.SoundFile? = nil
    ) -> Self {
        Self(
            name: name,
            writing: Container.Writing(sound: sound, addedTracks: added, languages: languages, soundFile: soundFile))
    }
}

extension [Container.Ending] {
    /// Endings that are read and not written.
    fileprivate static func read(_ names: String...) -> Self { names.map { Element(name: $0, writing: nil) } }
}
