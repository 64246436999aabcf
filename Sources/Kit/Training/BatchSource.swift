import KitCore
import KitData

/// The source of a run's batches: an endless sequence, epoch after epoch, that can be resumed at any position.
public protocol BatchSource: AnyObject {
    /// The number of batches in an epoch, which is the same in every epoch.
    var batchesPerEpoch: Int { get }
    /// The next batch. May wait for it to be decoded.
    func nextBatch() throws -> any TrainingBatch
    /// The first `count` clips of the next batch, for a dry run. The position does not change. Nil if the source can
    /// only make whole batches.
    func dryRunBatch(of count: Int) throws -> (any TrainingBatch)?
    /// The position in the sequence, as JSON. After `restore` with it, a fresh source continues with the same next
    /// batch.
    func savedPosition() throws -> String
    /// Throws if the position was saved by a source with other data or settings.
    func restore(position: String) throws
    /// Called before the first batch is asked for, and after the last.
    /// - Parameters:
    ///   - folder: the folder for the list of unreadable sources; nil to write nothing.
    ///   - count: the total number of batches of the run, including those before a restored position.
    func begin(in folder: String?, count: Int)
    func end()
    /// Makes `nextBatch` read only the clips of this process from now on; with nil, it reads whole batches again. By
    /// default, a source continues to read whole batches, and each process uses only its own clips of them.
    func share(by layout: ShardLayout?)
    /// The sources that are not used, and why.
    var leftOut: [String] { get }
    /// The settings by which clips become tensors; nil for batches that are not cut from films.
    var clips: ClipSettings? { get }
}

extension BatchSource {
    public func dryRunBatch(of count: Int) throws -> (any TrainingBatch)? { nil }
    public func begin(in folder: String?, count: Int) {}
    public func end() {}
    public func share(by layout: ShardLayout?) {}
    public var leftOut: [String] { [] }
    public var clips: ClipSettings? { nil }
}

/// A batch of clips.
public protocol TrainingBatch {
    /// The names of the clips, for messages.
    var ids: [String] { get }
    /// The film of each clip.
    var films: [String] { get }
    /// The value that the recipe's step function receives.
    var scriptValue: OptionValue { get }
    /// The rows of the whole batch that are here. By default, all of them.
    var rows: Range<Int> { get }
    /// The number of clips in the whole batch. By default, that of `ids`.
    var wholeCount: Int { get }
    /// The clips of some rows of the whole batch. By default, throws unless they are exactly the rows that are here.
    func part(_ rows: Range<Int>) throws -> any TrainingBatch
}

extension TrainingBatch {
    public var rows: Range<Int> { 0..<ids.count }
    public var wholeCount: Int { ids.count }

    public func part(_ rows: Range<Int>) throws -> any TrainingBatch {
        guard rows == self.rows else {
            throw KitError.usage("these batches cannot be cut into shards: train in one process, with 'shards' 1")
        }
        return self
    }
}
