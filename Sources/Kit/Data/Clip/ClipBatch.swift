import KitCore
import KitTensor

/// A batch of clips, which a recipe's step function receives.
public final class ClipBatch {
    /// The epoch it belongs to and its number there, both from 0.
    public let epoch: Int
    public let index: Int
    /// [batch, time, height, width, channels 3], normalised; nil if no video is read.
    public let video: Tensor?
    /// A second view of the same frames with its own augmentations; nil if none is asked for.
    public let secondVideo: Tensor?
    /// Log-mel spectrograms [batch, time, mel, channels], by their names in the dataset's `tracks`.
    public let audio: AudioTracks
    /// The clip in each place of the batch; if a film could not be decoded, its substitute.
    public internal(set) var places: [Place]
    /// The rows of the whole batch that are here. One of several processes may read only its own.
    public let rows: Range<Int>
    /// The number of clips in the whole batch.
    public let wholeCount: Int

    /// One clip of a batch.
    public struct Place {
        public let clip: Clip
        /// The name of its film.
        public let film: String
        /// Its start including jitter, in seconds from the beginning of its file.
        public let start: Double
        /// The language of each track of the batch.
        public let languages: [String]
        /// The labels of the source in the manifest: a table, or null.
        public let labels: OptionValue
    }

    /// A batch whose tensors are not filled yet.
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

    /// The clips of some rows.
    ///
    /// - Parameter part: rows of the whole batch; all of them must be here.
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
