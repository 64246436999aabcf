import CAV
import KitCore

/// A film or a sound file, open for reading.
///
/// All times are seconds on the film's time line, which begins with the first frame, or with the earliest sound in a
/// file without video. One thread at a time may use a file; threads that read in parallel each open it.
public final class MediaFile {
    public let path: String
    /// The video track, if there is one. Cover art does not count.
    public let video: VideoTrack?
    public let audioTracks: [AudioTrack]
    /// Seconds from the first frame to the end of the last, or to the end of the sound if that is more than half a
    /// second later (the last frame is then held). In a file without video, to the end of its longest sound.
    public let duration: Double

    /// The row of the table that the file belongs to, whatever its name ends in.
    public var container: Container { demuxer.container }

    let demuxer: Demuxer
    /// Seconds on the container's clock at which the film's time line begins.
    let zero: Double
    let end: FilmEnd
    var videoReader: VideoReader?
    var audioReaders: [Int: AudioReader] = [:]

    /// The file's own name, for messages.
    public var name: String { demuxer.name }

    /// Opens a container. Throws `.noInput` if there is no such file, and `.badData` if it cannot be read, has neither
    /// video nor sound, or declares absurd sizes.
    public init(_ path: String) throws {
        self.path = path
        demuxer = try Demuxer(path: path)
        let layout = try StreamLayout(demuxer)
        zero = layout.zero
        video = layout.video
        audioTracks = layout.audio
        duration = layout.duration
        end = FilmEnd(path: path, zero: zero, duration: duration)
    }

    /// The video track. Throws an error if there is none.
    public func requireVideo() throws -> VideoTrack {
        guard let video else { throw KitError(.badData, "\(name): has no video, only sound: \(trackList)") }
        return video
    }

    /// The only sound track in a language.
    ///
    /// Commentaries, audio descriptions and the like are ignored if another track remains. A region (`pt-BR`) decides
    /// between tracks that differ in it. If several tracks remain, an error is thrown instead of choosing one silently:
    /// use `index` to choose.
    public func track(language: Language) throws -> AudioTrack {
        var found = audioTracks.filter { $0.language.matches(language) }
        guard !found.isEmpty else {
            throw KitError(
                .badData, "\(name): no sound track in \(language) (\(language.name)); it has \(trackList)")
        }
        for isBetter in [
            { (track: AudioTrack) in track.language.subtags == language.subtags }, { !$0.isSupplementary },
        ] where found.count > 1 {
            let better = found.filter(isBetter)
            if !better.isEmpty { found = better }
        }
        guard found.count == 1 else {
            throw KitError(
                .badData,
                "\(name): \(found.count) sound tracks in \(language) (\(language.name)); a manifest can choose one by its "
                    + "stream's number: " + found.map(\.summary).joined(separator: "; "))
        }
        return found[0]
    }

    /// The sound track with a stream number.
    public func track(index: Int) throws -> AudioTrack {
        guard let track = audioTracks.first(where: { $0.index == index }) else {
            throw KitError(.badData, "\(name): stream #\(index) is not a sound track; it has \(trackList)")
        }
        return track
    }

    /// "#1 en (English), aac stereo 48000 Hz; #2 ...", or "no sound track".
    public var trackList: String {
        audioTracks.isEmpty ? "no sound track" : audioTracks.map(\.summary).joined(separator: "; ")
    }

    /// Throws unless [start, start + duration) is within the film, up to the rounding of time stamps.
    func checkRange(start: Double, duration wanted: Double) throws {
        let slack = 0.002
        guard start.isFinite, wanted.isFinite, start >= 0, wanted > 0 else {
            throw KitError.usage("\(name): a clip of \(wanted) s at \(start) s: expected a start >= 0 and a length > 0")
        }
        guard start + wanted <= duration + slack else {
            throw KitError(
                .badData,
                "\(name): a clip of \(seconds(wanted)) at \(seconds(start)) is beyond the end: the film lasts \(seconds(duration))"
            )
        }
    }
}
