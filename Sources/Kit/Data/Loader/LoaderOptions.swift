/// Options for reading clips ahead, and the number of unreadable sources that a run tolerates.
public struct LoaderOptions: Equatable, Sendable {
    /// The number of threads that read clips; 0 reads them on the thread that asks for a batch.
    public var workers: Int
    /// The number of batches that may be read ahead. Each takes the memory of a batch.
    public var prefetch: Int
    /// Below 1, the share of the sources that may be unreadable, rounded up; from 1 on, their number.
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
