/// A sound event: a class that is audible from one moment of a recording to another.
public struct SoundEvent: Equatable, Sendable {
    /// The position of its class.
    public var label: Int
    /// Milliseconds into the recording, as in HEAR's lists.
    public var start: Double
    public var end: Double

    public init(label: Int, start: Double, end: Double) { (self.label, self.start, self.end) = (label, start, end) }
}

/// The additions to a dataset of recordings for labels with times.
public struct EventTask {
    /// The events of each item, by its id.
    public let events: [String: [SoundEvent]]
    /// The measures, with the names of HEAR's evaluation kit. The first one also chooses on the validation items.
    public let measures: [String]
    /// The candidate filters from frames to events, one of which is chosen on the validation items.
    public let filters: [EventFilter]
    /// Whether a probe is chosen by its cross-entropy on the moments of the validation items, instead of by the first
    /// measure.
    public let choosesByLoss: Bool

    public init(
        events: [String: [SoundEvent]], measures: [String], filters: [EventFilter] = EventFilter.usual,
        choosesByLoss: Bool = false
    ) {
        (self.events, self.measures, self.filters, self.choosesByLoss) = (events, measures, filters, choosesByLoss)
    }

    /// The audible classes at each moment of an item, in milliseconds.
    public func labels(of id: String, at times: [Double]) -> [[Int]] {
        let events = events[id] ?? []
        // The end belongs to the event, as in HEAR's evaluation kit, which adds this to a half-open interval.
        return times.map { time in
            Set(events.filter { $0.start <= time && time < $0.end + 0.0001 }.map(\.label)).sorted()
        }
    }
}

/// A filter from frames to events: a median over time, then events that are too short are left out.
public struct EventFilter: Equatable, Sendable {
    /// The width of the median in milliseconds; 0 for none.
    public var median: Double
    /// The shortest event, in milliseconds from its first to its last frame.
    public var least: Double

    public init(median: Double, least: Double) { (self.median, self.least) = (median, least) }

    /// The filters that HEAR's evaluation kit tries if a task names none.
    public static let usual = [EventFilter(median: 250, least: 250), EventFilter(median: 250, least: 125)]
}
