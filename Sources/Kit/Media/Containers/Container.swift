import KitCore

/// A container: the endings of its files, how it is written, and what readers must know of it.
///
/// `Container.all` is the only table of them. Folders, the demuxer, the writers, `kit.remove_speech`, `data check` and the
/// guide ask it, so that a container is added as one row there.
public struct Container: Sendable {
    /// As the guide names it: "Matroska".
    public let name: String
    /// The short names of libavformat's demuxer. What has none in the table is not opened: playlists and image sequences, which
    /// may name other files, are not in it.
    let demuxers: [String]
    /// The endings of its files.
    public let endings: [Ending]
    let layout: Layout
    let traits: Traits
    /// Finds a second file behind the first, by the sizes that the parts of the file state; nil where parts state none.
    let secondFile: (@Sendable (FileBytes) throws -> Int?)?

    init(
        _ name: String, demuxers: [String], films: [Ending] = [], sounds: [Ending] = [], layout: Layout = .plain,
        traits: Traits = [], secondFile: (@Sendable (FileBytes) throws -> Int?)? = nil
    ) {
        self.name = name
        self.demuxers = demuxers
        endings =
            films
            + sounds.map {
                var ending = $0
                ending.isSound = true
                return ending
            }
        self.layout = layout
        self.traits = traits
        self.secondFile = secondFile
    }

    /// A family of containers of which the kit reads more than libavformat hands on.
    enum Layout {
        case plain
        /// mp4 and mov, read by `QuickTime`: language tags, and lists of edits, of which a track may have several.
        case quickTime
        /// Matroska and WebM, read by `Matroska`: language tags, crops, and covers as attachments.
        case matroska
    }

    /// The ending of a file's name.
    public struct Ending: Sendable {
        /// In small letters, without the dot: "mkv".
        public let name: String
        /// Whether a file with this ending is taken for sound without video.
        public fileprivate(set) var isSound = false
        /// How the kit writes such files; nil if it only reads them.
        public let writing: Writing?
    }

    /// How files with an ending are written.
    public struct Writing: Sendable {
        /// Codec of sound, unless another is asked for.
        public let sound: AudioCodec
        /// The codecs that a track can have which `kit.remove_speech` or `kit.media.add_track` adds, the usual one first;
        /// empty if they do not write such films.
        public let addedTracks: [AudioCodec]
        /// The languages of tracks that such a file keeps.
        public let languages: Languages
        /// How `Waveform.write` writes such a file; nil if it does not, because its sound would not begin where it did.
        let soundFile: SoundFile?

        /// Codec of an added track, unless another is asked for; nil if none is added to such films.
        public var addedTrack: AudioCodec? { addedTracks.first }
    }

    /// The languages that tracks can be tagged with.
    public enum Languages: String, Sendable {
        /// All that ISO 639-2 lists, including the codes for no single language (`zxx`, `mul`, `und`).
        case all
        /// Those for which the container has a code; not `zxx`, `mul` or `und`.
        case common = "common ones"
        /// None: tracks are told apart by their order.
        case none
    }

    /// The library that writes files with nothing but sound.
    enum SoundFile {
        case libav
        /// libsndfile, in one of its formats (`SF_FORMAT_WAV | SF_FORMAT_FLOAT`).
        case sndfile(Int)
    }

    /// The properties of a container's timestamps and index that readers must know.
    struct Traits: OptionSet {
        let rawValue: Int

        /// No header says where a recording ends, and others may follow it, so the packets are searched for joints.
        static let isSearchedForJoints = Traits(rawValue: 1 << 0)
        /// Timestamps come from the clock of the recording, which may pause or start over. To return to the start, seek
        /// to the first byte.
        static let hasRecordingClock = Traits(rawValue: 1 << 1)
        /// The index need not list the first packets. To return to them, the file is opened again.
        static let hasPartialIndex = Traits(rawValue: 1 << 2)
        /// The index lists the video only.
        static let hasVideoIndex = Traits(rawValue: 1 << 3)
        /// Timestamps of the video say when a frame is decoded, not when it is shown.
        static let hasDecodingTimes = Traits(rawValue: 1 << 4)
        /// Packets of sound are counted in a unit that some muxers get wrong.
        static let hasCountedSound = Traits(rawValue: 1 << 5)
        /// There are no timestamps in which a gap would show.
        static let hidesGaps = Traits(rawValue: 1 << 6)
        /// Only one frame in several has a timestamp.
        static let hasSparseStamps = Traits(rawValue: 1 << 7)
        /// Packets come in pages, and timestamps belong to pages.
        static let hasPages = Traits(rawValue: 1 << 8)
        /// The clock counts milliseconds from 0 up.
        static let countsMilliseconds = Traits(rawValue: 1 << 9)
        /// Streams may begin in the middle of a group of pictures, as those cut out of a broadcast do.
        static let isCutAnywhere = Traits(rawValue: 1 << 12)
        /// The header states one length for all streams.
        static let hasOneLength = Traits(rawValue: 1 << 10)
        /// That length includes the time in which players fill their buffers.
        static let countsBuffering = Traits(rawValue: 1 << 11)
    }
}

extension Container {
    /// The endings of films.
    public static let filmEndings = Set(all.flatMap(\.endings).filter { !$0.isSound }.map(\.name))
    /// The endings of files with nothing but sound.
    public static let soundEndings = Set(all.flatMap(\.endings).filter(\.isSound).map(\.name))
    /// The endings of all files that are read.
    public static let allEndings = filmEndings.union(soundEndings)

    /// The endings that `Waveform.write` writes.
    package static let soundFileEndings = all.flatMap(\.endings).filter { $0.writing?.soundFile != nil }.map(\.name)

    private static let byEnding = Dictionary(
        uniqueKeysWithValues: all.flatMap { container in container.endings.map { ($0.name, (container, $0)) } })

    /// The ending of a path, as the table has it; nil if no container has it.
    public static func ending(of path: String) -> Ending? { byEnding[FileName.ending(path)]?.1 }

    /// Whether a path is that of a film or sound, whether the kit opens it or not.
    package static func isMedia(_ path: String) -> Bool {
        let ending = FileName.ending(path)
        return allEndings.contains(ending) || unreadEndings.contains(ending)
    }

    /// The endings of films to which a track with a language can be added.
    package static let addableEndings = all.flatMap(\.endings).filter { $0.writing?.addedTrack != nil }.map(\.name)

    /// The row with a demuxer of one of these names.
    static func of(demuxer names: Set<String>) -> Container? { all.first { !names.isDisjoint(with: $0.demuxers) } }

    /// The container that a file is written in, and how, by the path's ending.
    ///
    /// Throws `.usage` if files with this ending are not written.
    package static func written(to path: String) throws -> (container: Container, writing: Writing) {
        if let (container, ending) = byEnding[FileName.ending(path)], let writing = ending.writing {
            return (container, writing)
        }
        throw wrongEnding(path, taken: all.flatMap(\.endings).filter { $0.writing != nil }.map(\.name))
    }

    /// The error for a path whose ending is none of those that are taken.
    static func wrongEnding(_ path: String, taken: [String]) -> KitError {
        .usage(
            "\(path): expected a name that ends in \(taken.sorted().map { ".\($0)" }.joined(separator: ", "))"
                + NearestName.hint(FileName.ending(path), in: taken))
    }

    /// "Opus in mkv and webm, AAC elsewhere": a codec of each ending, for help texts. The codec of most comes last.
    ///
    /// - Parameter codec: that of an ending; nil leaves the ending out.
    package static func codecText(_ codec: (Ending) -> AudioCodec?) -> String {
        var groups: [(codec: AudioCodec, endings: [String])] = []
        for ending in all.flatMap(\.endings) {
            guard let codec = codec(ending) else { continue }
            if let index = groups.firstIndex(where: { $0.codec == codec }) {
                groups[index].endings.append(ending.name)
            } else {
                groups.append((codec, [ending.name]))
            }
        }
        let most = groups.indices.max { groups[$0].endings.count < groups[$1].endings.count }
        let texts = groups.indices.filter { $0 != most }.map { index in
            let (last, others) = (groups[index].endings.last!, groups[index].endings.dropLast())
            let list = others.isEmpty ? last : "\(others.joined(separator: ", ")) and \(last)"
            return "\(groups[index].codec.title) in \(list)"
        }
        return (texts + (most.map { ["\(groups[$0].codec.title) elsewhere"] } ?? [])).joined(separator: ", ")
    }
}
