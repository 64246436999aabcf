/// Something that is heard from one moment of a recording to another.
public struct SoundEvent: Equatable, Sendable {
    /// The position of its class.
    public var label: Int
    /// Milliseconds into the recording, as HEAR's lists say them.
    public var start: Double
    public var end: Double

    public init(label: Int, start: Double, end: Double) { (self.label, self.start, self.end) = (label, start, end) }
}

/// What labels with times add to a dataset of recordings.
public struct EventTask {
    /// The events of each item, by its id.
    public let events: [String: [SoundEvent]]
    /// What is measured, by the names of HEAR's evaluation kit; the first also chooses on the validation items.
    public let measures: [String]
    /// The ways to make events of frames from which one is chosen on the validation items.
    public let filters: [EventFilter]
    /// Whether a probe is chosen by its cross-entropy on the moments of the validation items, not by the first measure.
    public let choosesByLoss: Bool

    public init(
        events: [String: [SoundEvent]], measures: [String], filters: [EventFilter] = EventFilter.usual,
        choosesByLoss: Bool = false
    ) {
        (self.events, self.measures, self.filters, self.choosesByLoss) = (events, measures, filters, choosesByLoss)
    }

    /// For each moment of an item, in milliseconds, the classes that are heard in it: from an event's start to its end.
    public func labels(of id: String, at times: [Double]) -> [[Int]] {
        let events = events[id] ?? []
        // The end belongs to the event, as in HEAR's evaluation kit, which adds this to an interval that is open there.
        return times.map { time in
            Set(events.filter { $0.start <= time && time < $0.end + 0.0001 }.map(\.label)).sorted()
        }
    }
}

/// How events are made of frames: a median over time, then what lasts too short is left out.
public struct EventFilter: Equatable, Sendable {
    /// Milliseconds that the median is taken over; 0 takes none.
    public var median: Double
    /// The shortest event, in milliseconds from its first frame to its last.
    public var least: Double

    public init(median: Double, least: Double) { (self.median, self.least) = (median, least) }

    /// Those that HEAR's evaluation kit tries where a task names none.
    public static let usual = [EventFilter(median: 250, least: 250), EventFilter(median: 250, least: 125)]
}
