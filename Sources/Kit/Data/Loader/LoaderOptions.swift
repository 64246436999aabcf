/// How clips are read ahead, and how many unreadable sources a run bears.
public struct LoaderOptions: Equatable, Sendable {
    /// Threads that read clips; 0 reads them on the thread that asks for a batch.
    public var workers: Int
    /// Batches that may be ready or under way before they are asked for. Each takes the memory of a batch.
    public var prefetch: Int
    /// Below 1: the share of the sources that may be unreadable (rounded up). From 1: their number.
    public var badBudget: Double

    public init(workers: Int = 2, prefetch: Int = 2, badBudget: Double = 0.1) {
        self.workers = workers
        self.prefetch = prefetch
        self.badBudget = badBudget
    }

    func badBudget(of sources: Int) -> Int {
        badBudget < 1 ? Int((badBudget * Double(sources)).rounded(.up)) : Int(saturating: badBudget)
    }
}
