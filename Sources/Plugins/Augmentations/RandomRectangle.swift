import Foundation
import Kit

/// Rectangles of random area and proportions, drawn as in torchvision for crops and for erasing.
struct RandomRectangle {
    /// The range of areas, as shares of the frame's area.
    let area: (min: Double, max: Double)
    /// The range of ratios of the sides, drawn uniformly on a logarithmic scale.
    let ratio: (min: Double, max: Double)

    /// Throws if a minimum is above its maximum.
    func validate() throws {
        for (name, range) in [("area", area), ("ratio", ratio)] where range.min > range.max {
            throw KitError.usage(
                "option 'min_\(name)' must be at most 'max_\(name)' (\(range.max)), but is \(range.min)")
        }
    }

    /// Draws integer sides whose quotient first / second is close to the drawn ratio, with up to ten tries until they
    /// are accepted.
    func draw(
        in frame: Double, _ random: inout RandomStream, until isAccepted: (_ first: Double, _ second: Double) -> Bool
    ) -> (first: Double, second: Double)? {
        for _ in 0..<10 {
            let area = frame * random.uniform(self.area.min, self.area.max)
            let ratio = exp(random.uniform(log(self.ratio.min), log(self.ratio.max)))
            let first = (area * ratio).squareRoot().rounded(.toNearestOrEven)
            let second = (area / ratio).squareRoot().rounded(.toNearestOrEven)
            if isAccepted(first, second) { return (first, second) }
        }
        return nil
    }
}
