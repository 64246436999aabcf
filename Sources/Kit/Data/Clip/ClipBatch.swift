import KitCore
import KitTensor

/// Clips read side by side: what a recipe's step function gets.
public final class ClipBatch {
    /// The epoch it belongs to and its number there, both from 0.
    public let epoch: Int
    public let index: Int
    /// [batch, time, height, width, channels 3], normalised; nil where no picture is read.
    public let video: Tensor?
    /// A second view of the same pictures, augmented by itself; nil where none is asked for.
    public let secondVideo: Tensor?
    /// Log-mel spectrograms [batch, time, mel, channels], by the name that the dataset's `tracks` gives them.
    public let audio: AudioTracks
    /// What was read into each place: where a film could not be decoded, its substitute.
    public internal(set) var places: [Place]
    /// The places of the whole batch that stand here, and how many those are: a process may read its own alone.
    public let rows: Range<Int>
    public let wholeCount: Int

    /// One clip of a batch.
    public struct Place {
        public let clip: Clip
        /// The name of its film.
        public let film: String
        /// Where it began, jitter included, in seconds from the beginning of its file.
        public let start: Double
        /// The language of each of the batch's tracks.
        public let languages: [String]
        /// What the manifest says about the source: a table, or null.
        public let labels: OptionValue
    }

    /// A batch whose tensors are still to be filled.
    init(
        epoch: Int, index: Int, rows: Range<Int>, of wholeCount: Int, video: Tensor?, secondVideo: Tensor? = nil,
        audio: AudioTracks
    ) {
        self.epoch = epoch
        self.index = index
        self.video = video
        self.secondVideo = secondVideo
        self.audio = audio
        (self.rows, self.wholeCount) = (rows, wholeCount)
        let empty = Clip(id: "", source: 0, film: 0, start: 0)
        places = Array(
            repeating: Place(clip: empty, film: "", start: 0, languages: [], labels: .null), count: rows.count)
    }

    /// The clips of some of the rows that are here.
    public func part(_ part: Range<Int>) throws -> ClipBatch {
        guard part != rows else { return self }
        let own = part.lowerBound - rows.lowerBound..<part.upperBound - rows.lowerBound
        let batch = ClipBatch(
            epoch: epoch, index: index, rows: part, of: wholeCount, video: try video?.slice(axis: 0, own),
            secondVideo: try secondVideo?.slice(axis: 0, own), audio: try audio.part(own))
        batch.places = Array(places[own])
        return batch
    }

    public var count: Int { places.count }
    public var ids: [String] { places.map(\.clip.id) }
    public var films: [String] { places.map(\.film) }

    /// The language of each clip under each name of `audio`.
    public var languages: [(name: String, codes: [String])] {
        audio.tracks.enumerated().map { index, track in (track.name, places.map { $0.languages[index] }) }
    }
}
