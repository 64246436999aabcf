import KitCore

extension LabelledDataset: ScriptObject {
    public static var scriptTypeName: String { "labelled dataset" }
    public static var scriptSummary: String { "Sounds or films with labels and the splits to measure them in." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod("classes", on: LabelledDataset.self, "The names of the classes.", returns: "list of strings") {
                data, _ in
                .list(data.labels.classes.map(OptionValue.string))
            },
            ScriptMethod(
                "items", on: LabelledDataset.self, "The items: each with its id, path, labels, split and group.",
                returns: "list"
            ) { data, _ in .list(data.items.map(\.table)) },
            ScriptMethod(
                "folds", on: LabelledDataset.self,
                "The folds: each with its name and the ids in train, valid and test.", returns: "list"
            ) { data, _ in
                .list(
                    data.folds.map { fold in
                        func ids(_ members: [Int]) -> OptionValue { .list(members.map { .string(data.items[$0].id) }) }
                        return .table(
                            Options(named: [
                                ("name", .string(fold.name)), ("train", ids(fold.train)), ("valid", ids(fold.valid)),
                                ("test", ids(fold.test)),
                            ]))
                    })
            },
            ScriptMethod("__len", on: LabelledDataset.self, "The number of items.") { data, _ in
                .int(data.items.count)
            },
        ]
    }
    public static var scriptFields: [ScriptParameter] {
        [
            ScriptParameter("name", "string"), ScriptParameter("multi_label", "boolean"),
            ScriptParameter("has_times", "boolean"),
        ]
    }
    public var scriptPropertyNames: [String] { ["name", "multi_label", "has_times"] }
    public func scriptProperty(_ name: String) -> OptionValue? {
        ["name": .string(self.name), "multi_label": .bool(labels.isMultiLabel), "has_times": .bool(eventTask != nil)][
            name]
    }
    /// With a table of the first items.
    public var scriptDisplay: String {
        let rows = items.prefix(10).map { [$0.id, $0.labels.joined(separator: " "), $0.split, $0.group] }
        let rest = items.count > 10 ? ["... and \(items.count - 10) more"] : []
        return ([scriptDescription, TextTable.text([["id", "labels", "split", "group"]] + rows)] + rest)
            .joined(separator: "\n")
    }
    public var scriptDescription: String {
        "\(name): \(items.count) items, \(labels.classes.count) classes, \(labels.isMultiLabel ? "multi-label, " : "")"
            + (folds.count == 1 ? "train and test" : "\(folds.count) folds")
            + (leftOut.isEmpty ? "" : ", without \(leftOut.count) files or parts that are not there")
    }
}

extension LabelledItem {
    fileprivate var table: OptionValue {
        .table(
            Options(named: [
                ("id", .string(id)), ("path", path.map(OptionValue.string) ?? .null),
                ("labels", .list(labels.map(OptionValue.string))), ("split", .string(split)), ("group", .string(group)),
            ]))
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(LabelledDataset.self) }
