/// A plugin that can be called with its first options in order and the others in a table, as in `kit.plot.image(x,
/// "file.png", { columns = 4 })`, or with all of them in one table.
public protocol CalledWithArguments: Plugin {
    /// The names of these options.
    static var arguments: [String] { get }
}

extension CalledWithArguments {
    /// Converts the arguments of a call to options.
    package static func options(_ arguments: [OptionValue]) throws -> Options {
        if arguments.count == 1, case .table(let options) = arguments[0] { return options }
        var named: [(key: String, value: OptionValue)] = []
        for (position, value) in arguments.enumerated() {
            if position == arguments.count - 1, position > 0, case .table(let others) = value, others.list.isEmpty {
                named += others.named
            } else if position >= self.arguments.count, position == arguments.count - 1, case .list(let values) = value,
                values.isEmpty
            {
                continue
            } else if position < self.arguments.count {
                if case .null = value { continue }
                named.append((self.arguments[position], value))
            } else {
                throw KitError.usage(
                    "takes \(self.arguments.joined(separator: ", ")) and a table of options, "
                        + "but was given \(counted(arguments.count, "argument"))")
            }
        }
        return Options(named: named)
    }
}
