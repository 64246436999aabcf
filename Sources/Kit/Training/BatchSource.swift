import KitCore
import KitData

/// Where a run gets its batches from: an endless sequence, epoch after epoch, that can be taken up at any place.
public protocol BatchSource: AnyObject {
    /// Batches in one pass over the data; the same in every epoch.
    var batchesPerEpoch: Int { get }
    /// The next batch. May wait for it to be decoded.
    func nextBatch() throws -> any TrainingBatch
    /// The first `count` clips of the next batch, for a dry run; the sequence stays where it is. Nil if the source can only
    /// make whole batches.
    func dryRunBatch(of count: Int) throws -> (any TrainingBatch)?
    /// Where the sequence is, as JSON: with it, `restore` on a fresh source goes on with the batch that was next.
    func savedPosition() throws -> String
    /// Throws if the position was saved by a source with other data or settings.
    func restore(position: String) throws
    /// Called before the first batch is asked for, and after the last.
    /// - Parameters:
    ///   - folder: where to write down what cannot be read; nil if nothing is to be written.
    ///   - count: how many batches will be asked for, those before a restored position included.
    func begin(in folder: String?, count: Int)
    func end()
    /// Has `nextBatch` read only the clips of this process from now on; nil has it read whole batches again. A source that
    /// cannot do that goes on giving whole batches, whose other clips are then left alone.
    func share(by layout: ShardLayout?)
    /// Which of its sources are not used, and why.
    var leftOut: [String] { get }
    /// How its clips become tensors; nil for batches that are not cut from films.
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

/// Some clips side by side.
public protocol TrainingBatch {
    /// The names of the clips, for messages.
    var ids: [String] { get }
    /// The film that each clip is of.
    var films: [String] { get }
    /// What the recipe's step function gets.
    var scriptValue: OptionValue { get }
    /// The rows of the whole batch that stand here, and how many the whole batch has. By default all.
    var rows: Range<Int> { get }
    var wholeCount: Int { get }
    /// The clips of some of its rows. By default throws unless all are asked for.
    func part(_ rows: Range<Int>) throws -> any TrainingBatch
}

extension TrainingBatch {
    public var rows: Range<Int> { 0..<ids.count }
    public var wholeCount: Int { ids.count }

    public func part(_ rows: Range<Int>) throws -> any TrainingBatch {
        guard rows == self.rows else {
            throw KitError.usage("these batches cannot be cut into shards: 'shards' must be 1, in one process")
        }
        return self
    }
}
