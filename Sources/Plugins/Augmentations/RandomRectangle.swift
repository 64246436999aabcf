import Foundation
import Kit

/// A rectangle of random area and proportions, as torchvision draws them for crops and for erasing.
struct RandomRectangle {
    /// In parts of the picture's area.
    let area: (least: Double, greatest: Double)
    /// Of one side to the other; uniform on a logarithmic scale.
    let ratio: (least: Double, greatest: Double)

    /// Throws if a least value is above its greatest, by the options' names.
    func validate() throws {
        for (name, range) in [("area", area), ("ratio", ratio)] where range.least > range.greatest {
            throw KitError.usage(
                "option 'least_\(name)' must be at most 'greatest_\(name)' (\(range.greatest)), but is \(range.least)")
        }
    }

    /// Whole sides whose quotient first / second is about the ratio drawn; up to ten tries until they are accepted.
    func draw(
        in picture: Double, _ random: inout RandomStream, until isAccepted: (_ first: Double, _ second: Double) -> Bool
    ) -> (first: Double, second: Double)? {
        for _ in 0..<10 {
            let area = picture * random.uniform(self.area.least, self.area.greatest)
            let ratio = exp(random.uniform(log(self.ratio.least), log(self.ratio.greatest)))
            let first = (area * ratio).squareRoot().rounded(.toNearestOrEven)
            let second = (area / ratio).squareRoot().rounded(.toNearestOrEven)
            if isAccepted(first, second) { return (first, second) }
        }
        return nil
    }
}
