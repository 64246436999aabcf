/// A value of one type or another: `Either<Int, [Int]>` takes an axis or a list of axes.
public enum Either<First: OptionConvertible, Second: OptionConvertible>: OptionConvertible {
    case first(First)
    case second(Second)

    public static var optionTypeName: String { "\(First.optionTypeName) or \(Second.optionTypeName)" }
    public static var optionWords: [String] { First.optionWords + Second.optionWords }

    public init(option: OptionValue) throws {
        do {
            self = .first(try First(option: option))
        } catch is OptionMismatch {
            do { self = .second(try Second(option: option)) } catch let mismatch as OptionMismatch {
                // If an item of a list does not fit, that item is named.
                throw mismatch.isOfPart ? mismatch : OptionMismatch(expected: Self.optionTypeName.withArticle)
            }
        }
    }

    public var optionValue: OptionValue {
        switch self {
        case .first(let value): value.optionValue
        case .second(let value): value.optionValue
        }
    }
    public var optionText: String {
        switch self {
        case .first(let value): value.optionText
        case .second(let value): value.optionText
        }
    }
}
