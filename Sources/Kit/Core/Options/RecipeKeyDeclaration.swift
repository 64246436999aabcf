extension ResolvedConfiguration {
    /// A key as the recipe declares it: its value, and what other values it may have.
    public struct Declaration {
        public let key: String
        /// The value in the recipe.
        public let value: OptionValue
        /// Whether the value is only a default, which the user's file outranks.
        public let isDefault: Bool
        /// Where the value comes from; nil if the recipe does not say.
        public let provenance: Provenance?
        /// The type, the help and the limits.
        private let param: any AnyOption
        /// Whether the recipe states the type. If not, it follows from the value: see `OptionValue.inferredType`.
        private let isTypeStated: Bool

        /// The key's name in the previous version; nil if it was not renamed.
        package var formerKey: String? { param.formerName }
        /// Whether a name from outside means this key.
        func isCalled(_ name: String) -> Bool { name == key || name == formerKey }

        public var help: String? { param.help.isEmpty ? nil : param.help }

        /// A key with the type of its value.
        public init(
            _ key: String, _ value: OptionValue, isDefault: Bool = false, help: String? = nil,
            from provenance: Provenance? = nil
        ) {
            func param<Value: OptionConvertible>(_ type: Value.Type) -> any AnyOption { Param<Value>(help ?? "") }
            self.init(
                key, value, isDefault: isDefault, from: provenance, as: param(value.inferredType), isTypeStated: false)
        }

        package init(
            _ key: String, _ value: OptionValue, isDefault: Bool, from provenance: Provenance?, as param: any AnyOption,
            isTypeStated: Bool
        ) {
            self.key = key
            self.value = value
            self.isDefault = isDefault
            self.provenance = provenance
            self.param = param
            self.isTypeStated = isTypeStated
        }

        /// The entry for text from the command line or the environment.
        func entry(parsing text: String, _ origin: Origin, _ place: String) throws -> Entry {
            guard let value = param.option(parsing: text) else {
                throw KitError.usage("\(place): can be set in the recipe only, since it is not a plain value")
            }
            return try entry(value, origin, place)
        }

        /// The entry for a value that outranks the recipe's. If it does not fit, throws an error that begins with
        /// `place`.
        func entry(_ value: OptionValue, _ origin: Origin, _ place: String) throws -> Entry {
            do { try param.set(value) } catch let mismatch as OptionMismatch {
                throw KitError.usage(mismatch.message("\(place):", value) + hint(value))
            }
            return Entry(declaration: self, value: param.currentValue ?? value, origin: origin)
        }

        /// A hint for a fraction where the recipe has an integer, which may be a number written without its point.
        private func hint(_ given: OptionValue) -> String {
            guard !isTypeStated, case .int(let own) = self.value, case .number = given else { return "" }
            return " (if any number will do, write \(own).0 or type = \"number\" in the recipe)"
        }
    }
}
