import KitCore
import KitData
import KitModel

extension ConformanceCheck {
    static let scheduleFactors = ConformanceCheck(
        "factors", "For runs of any length, all factors are finite and 0 or more, and depend only on the step."
    ) { subject in
        guard subject.declaration.type is any Schedule.Type, let schedule = try subject.make() as? any Schedule else {
            return nil
        }
        var faults: [String] = []
        for total in [1, 2, 7, 100] {
            let factors = try (0..<total).map { try schedule.factor(step: $0, of: total) }
            for (step, factor) in factors.enumerated() where !(factor >= 0 && factor.isFinite) {
                faults.append("step \(step) of \(total) gives \(factor)")
            }
            let again = try (0..<total).reversed().map { try schedule.factor(step: $0, of: total) }
            if factors != again.reversed() {
                faults.append("factors of a run of \(counted(total, "step")) depend on earlier calls")
            }
        }
        return faults
    }

    static let samplerBatches = ConformanceCheck(
        "batches",
        "Batches contain existing clips, no more than requested, the same ones each time, and the same number of batches in every epoch."
    ) { subject in
        // Some plugins need values that only a recipe can give, such as the name of a label.
        guard subject.declaration.type is any Sampler.Type, subject.isComplete,
            let sampler = try subject.make() as? any Sampler
        else { return nil }
        // Enough clips and films for any sensible batch, of uneven lengths.
        var films: [[Int]] = []
        for film in 0..<max(8, sampler.batch / 8) {
            let first = films.last?.last.map { $0 + 1 } ?? 0
            films.append(Array(first..<first + 24 + film % 5))
        }
        let numbers = Set(films.joined())
        let clips = SampledClips(
            films: films,
            clips: films.enumerated().flatMap { film, numbers in
                numbers.enumerated().map { place, number in
                    Clip(id: "\(number)", source: film, film: film, start: 3 * Double(place))
                }
            },
            sources: films.indices.map {
                SampledClips.Source(
                    id: "\($0)", path: "\($0).mkv", labels: .null, languages: [[$0 % 3 == 0 ? "en" : "es"]])
            }, tracks: ["primary"])
        var faults: [String] = []
        let epochs = try (0..<3).map { try sampler.batches(of: clips, epoch: $0) }
        for (epoch, batches) in epochs.enumerated() {
            if batches.count != epochs[0].count {
                faults.append(
                    "epoch \(epoch + 1) has \(counted(batches.count, "batch", "batches")), the first \(epochs[0].count)"
                )
            }
            for (index, batch) in batches.enumerated() {
                if batch.isEmpty || batch.count > sampler.batch {
                    faults.append("batch \(index + 1) has \(counted(batch.count, "clip")), not 1 to \(sampler.batch)")
                }
                if !numbers.isSuperset(of: batch) { faults.append("batch \(index + 1) has clips that do not exist") }
            }
            if try sampler.batches(of: clips, epoch: epoch) != batches {
                faults.append("a second call gives other batches for epoch \(epoch + 1), so a run could not be resumed")
            }
        }
        return Array(faults.prefix(5))
    }
}
