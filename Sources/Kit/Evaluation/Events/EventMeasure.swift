import Glibc
import KitCore
import KitData

/// Measures of how well events were found, with the names of HEAR's evaluation kit and the values of sed_eval.
public enum EventMeasure: String, ChoiceOption, Sendable {
    /// The F-measure of events of the right class whose starts are within 200 ms.
    case onset200 = "event_onset_200ms_fms"
    /// The same with starts within 50 ms.
    case onset50 = "event_onset_50ms_fms"
    /// The same, with ends within 50 ms or a fifth of the length of the true event, whichever is more.
    case onsetOffset = "event_onset_offset_50ms_20perc_fms"
    /// The error rate: substituted, deleted and inserted classes in segments of one second, divided by the true
    /// classes.
    case segmentErrors = "segment_1s_er"

    /// Whether lower is better.
    public var isError: Bool { self == .segmentErrors }

    /// The counts of one recording. Counts of several recordings are added.
    public struct Counts: Equatable, Sendable {
        /// The number of true events, or of true classes in all seconds.
        public var reference = 0
        /// The same for what was found.
        public var estimated = 0
        public var hits = 0
        /// Substitutions, deletions and insertions; 0 for F-measures.
        public var errors = 0

        static func + (a: Counts, b: Counts) -> Counts {
            Counts(
                reference: a.reference + b.reference, estimated: a.estimated + b.estimated, hits: a.hits + b.hits,
                errors: a.errors + b.errors)
        }
    }

    /// The measure for some recordings; nil if there are no true events. If nothing was found, an F-measure is 0.
    public func value(_ recordings: [Counts]) -> Double? {
        let all = recordings.reduce(Counts(), +)
        guard all.reference > 0 else { return nil }
        if self == .segmentErrors { return Double(all.errors) / Double(all.reference) }
        guard all.hits > 0 else { return 0 }
        let (precision, recall) = (Double(all.hits) / Double(all.estimated), Double(all.hits) / Double(all.reference))
        return 2 * precision * recall / (precision + recall)
    }

    public func counts(_ reference: [SoundEvent], _ estimated: [SoundEvent]) -> Counts {
        if self == .segmentErrors { return segmentCounts(reference, estimated) }
        let classes = Set(reference.map(\.label))
        let hits = classes.map { label in
            matches(reference.filter { $0.label == label }, estimated.filter { $0.label == label })
        }
        return Counts(reference: reference.count, estimated: estimated.count, hits: hits.reduce(0, +))
    }

    /// In seconds, because rounding in the division decides whether an exact limit is met.
    private func isHit(_ reference: SoundEvent, _ estimated: SoundEvent) -> Bool {
        let collar = self == .onset200 ? 0.2 : 0.05
        guard abs(reference.start / 1000 - estimated.start / 1000) <= collar else { return false }
        guard self == .onsetOffset else { return true }
        let length = reference.end / 1000 - reference.start / 1000
        return abs(reference.end / 1000 - estimated.end / 1000) <= max(collar, 0.2 * length)
    }

    /// The maximum number of pairs with each event in at most one: augmenting paths (Kuhn 1955).
    private func matches(_ reference: [SoundEvent], _ estimated: [SoundEvent]) -> Int {
        let hits = reference.map { event in estimated.indices.filter { isHit(event, estimated[$0]) } }
        var partner = [Int?](repeating: nil, count: estimated.count)
        func place(_ event: Int, _ tried: inout Set<Int>) -> Bool {
            for candidate in hits[event] where tried.insert(candidate).inserted {
                if partner[candidate] == nil || place(partner[candidate]!, &tried) {
                    partner[candidate] = event
                    return true
                }
            }
            return false
        }
        return reference.indices.count { event in
            var tried: Set<Int> = []
            return place(event, &tried)
        }
    }

    private func segmentCounts(_ reference: [SoundEvent], _ estimated: [SoundEvent]) -> Counts {
        var (truth, found): ([Int: Set<Int>], [Int: Set<Int>]) = ([:], [:])
        func mark(_ events: [SoundEvent], _ segments: inout [Int: Set<Int>]) {
            for event in events {
                let (first, last) = (Int(floor(event.start / 1000)), Int(ceil(event.end / 1000)))
                for segment in first..<max(first, last) { segments[segment, default: []].insert(event.label) }
            }
        }
        mark(reference, &truth)
        mark(estimated, &found)
        return Set(truth.keys).union(found.keys).reduce(Counts()) { sum, segment in
            let (there, heard) = (truth[segment] ?? [], found[segment] ?? [])
            let hits = there.intersection(heard).count
            // Substitutions, and the rest of the longer side.
            let errors = max(there.count, heard.count) - hits
            return sum
                + Counts(reference: there.count, estimated: heard.count, hits: hits, errors: errors)
        }
    }
}
