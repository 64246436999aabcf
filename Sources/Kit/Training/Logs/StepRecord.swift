import Foundation

/// The record of one step: a line of `metrics.jsonl`.
package struct StepRecord: Codable {
    /// The number of steps, including this one.
    package var step: Int
    /// From 1.
    package var epoch: Int
    /// The sum of the terms, which is minimised.
    package var loss: Double
    package var terms: [(name: String, value: Double)]
    /// The learning rate of this step.
    package var rate: Double
    /// The norm of the gradient of all parameters together, before clipping.
    package var gradientNorm: Double
    /// The speed of this step alone, including the wait for data.
    package var clipsPerSecond: Double
    /// The share of the step's time spent waiting for data, 0...1.
    package var dataWait: Double
    /// The norm of each module's gradient and update, if they are recorded.
    package var norms: [String: Norms]?

    package struct Norms: Codable {
        package let gradient: Double
        package let update: Double
    }

    private enum Key: String, CodingKey {
        case step, epoch, loss, terms, rate, norms
        case gradientNorm = "gradient_norm"
        case clipsPerSecond = "clips_per_second"
        case dataWait = "data_wait"
    }

    init(
        step: Int, epoch: Int, loss: Double, terms: [(name: String, value: Double)], rate: Double, gradientNorm: Double,
        clipsPerSecond: Double, dataWait: Double, norms: [String: Norms]? = nil
    ) {
        self.norms = norms
        (self.step, self.epoch, self.loss, self.terms, self.rate) = (step, epoch, loss, terms, rate)
        (self.gradientNorm, self.clipsPerSecond, self.dataWait) = (gradientNorm, clipsPerSecond, dataWait)
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        step = try values.decode(Int.self, forKey: .step)
        epoch = try values.decode(Int.self, forKey: .epoch)
        loss = try values.decode(Double.self, forKey: .loss)
        terms = try values.decode([String: Double].self, forKey: .terms).sortedByBytes(of: \.key)
            .map { (name: $0.key, value: $0.value) }
        rate = try values.decode(Double.self, forKey: .rate)
        gradientNorm = try values.decode(Double.self, forKey: .gradientNorm)
        clipsPerSecond = try values.decode(Double.self, forKey: .clipsPerSecond)
        dataWait = try values.decode(Double.self, forKey: .dataWait)
        norms = try values.decodeIfPresent([String: Norms].self, forKey: .norms)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(step, forKey: .step)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(loss, forKey: .loss)
        try values.encode(Dictionary(uniqueKeysWithValues: terms), forKey: .terms)
        try values.encode(rate, forKey: .rate)
        try values.encode(gradientNorm, forKey: .gradientNorm)
        try values.encode(clipsPerSecond, forKey: .clipsPerSecond)
        try values.encode(dataWait, forKey: .dataWait)
        try values.encodeIfPresent(norms, forKey: .norms)
    }

    /// The record as TensorBoard scalars.
    var scalars: [(tag: String, value: Double)] {
        [("loss/train", loss)] + (terms.count > 1 ? terms.map { ("loss_terms/\($0.name)", $0.value) } : [])
            + [
                ("optimizer/rate", rate), ("optimizer/gradient_norm", gradientNorm),
                ("speed/clips_per_second", clipsPerSecond), ("speed/data_wait", dataWait),
            ]
            + (norms ?? [:]).sortedByBytes(of: \.key).flatMap {
                [("norm/\($0.key)/gradient", $0.value.gradient), ("norm/\($0.key)/update", $0.value.update)]
            }
    }
}
