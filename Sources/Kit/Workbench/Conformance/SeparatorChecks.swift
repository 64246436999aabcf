import KitCore
import KitData
import KitMedia
import KitModel
import KitTensor

extension ConformanceCheck {
    static let separation = ConformanceCheck(
        "separation", "A sound keeps its length and stays finite; silence stays silent."
    ) { subject in
        guard subject.declaration.type is any SeparatorFactory.Type else { return nil }
        let separator = try WeightSeed.apart(seed: 1) { try (subject.make() as? any SeparatorFactory)?.make() }
        guard let separator else { return ["it makes no separator"] }
        let rate = separator.sampleRate ?? 44_100
        var random = RandomStream(seed: 5)
        let noise = Tensor.uniform([2, rate / 2 + 1], -0.5, 0.5, &random).values
        let sound = Waveform(channels: 2, count: rate / 2 + 1, sampleRate: rate, values: noise)
        var faults: [String] = []
        let whole = try separator.separate(sound)
        if whole.channels != 2 || whole.count != sound.count {
            faults.append("[2, \(sound.count)] becomes [\(whole.channels), \(whole.count)]")
        }
        if !whole.values.allSatisfy(\.isFinite) { faults.append("a sample is not finite") }
        if try separator.separate(sound).values != whole.values {
            faults.append("the same sound gives a different result")
        }
        let silence = try separator.separate(Waveform(channels: 2, count: rate / 4, sampleRate: rate))
        if let loudest = silence.values.map(\.magnitude).max(), !(loudest < 1e-6) {
            faults.append("silence becomes sound of \(loudest)")
        }
        return faults
    }
}
