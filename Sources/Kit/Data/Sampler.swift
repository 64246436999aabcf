import KitCore

/// A rule that forms batches from clips.
///
/// The batches of an epoch are a pure function of the sampler's options, the films and the number of the epoch, so a
/// run can be resumed at any batch.
public protocol Sampler: Plugin, ScriptObject {
    /// The number of clips in a batch.
    var batch: Int { get }
    /// The seed of all randomness of its batches: order, jitter, augmentation, choice of dubs.
    var seed: Int { get }

    /// All batches of one epoch. Their number must not depend on the epoch.
    ///
    /// - Parameters:
    ///   - clips: the clips to choose from, with all information about them.
    ///   - epoch: from 0; together with the sampler's seed, it decides all randomness.
    /// - Returns: for each batch, the numbers of its clips.
    func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]]
}

/// A sampler that needs only the film of each clip.
public protocol FilmSampler: Sampler {
    /// All batches of one epoch.
    ///
    /// - Parameters:
    ///   - films: for each film, the numbers of its clips.
    ///   - epoch: from 0; together with the sampler's seed, it decides all randomness.
    /// - Returns: for each batch, the numbers of its clips.
    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]]
}

extension FilmSampler {
    public func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]] {
        try batches(of: clips.films, epoch: epoch)
    }
}

extension Sampler {
    public static var kind: String { "sampler" }
    public static var scriptTypeName: String { "sampler" }
    public static var scriptSummary: String { "A rule that forms batches from clips." }
    public var scriptDescription: String { settings }
}
