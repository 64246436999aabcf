import KitCore

extension LabelledDataset: ScriptObject {
    public static var scriptTypeName: String { "labelled dataset" }
    public static var scriptSummary: String { "Sounds or films with labels and the splits to measure them in." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod("classes", on: LabelledDataset.self, "The names of the classes.", returns: [String].self) {
                $0.labels.classes
            },
            ScriptMethod(
                "items", on: LabelledDataset.self, "The items: each with its id, path, labels, split and group.",
                returns: [Options].self
            ) { $0.items.map(\.table) },
            ScriptMethod(
                "folds", on: LabelledDataset.self,
                "The folds: each with its name and the ids in train, valid and test.", returns: [Options].self
            ) { data in
                data.folds.map { fold in
                    func ids(_ members: [Int]) -> OptionValue { members.map { data.items[$0].id }.optionValue }
                    return Options(named: [
                        ("name", .string(fold.name)), ("train", ids(fold.train)), ("valid", ids(fold.valid)),
                        ("test", ids(fold.test)),
                    ])
                }
            },
            ScriptMethod("__len", on: LabelledDataset.self, "The number of items.", returns: Int.self) {
                $0.items.count
            },
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("name", on: LabelledDataset.self, String.self) { $0.name },
            ScriptField("multi_label", on: LabelledDataset.self, Bool.self) { $0.labels.isMultiLabel },
            ScriptField("has_times", on: LabelledDataset.self, Bool.self) { $0.eventTask != nil },
        ]
    }
    /// With a table of the first items.
    public var scriptDisplay: String {
        let rows = items.prefix(10).map { [$0.id, $0.labels.joined(separator: " "), $0.split, $0.group] }
        let rest = items.count > 10 ? ["... and \(items.count - 10) more"] : []
        return ([scriptDescription, TextTable.text([["id", "labels", "split", "group"]] + rows)] + rest)
            .joined(separator: "\n")
    }
    public var scriptDescription: String {
        "\(name): \(counted(items.count, "item")), \(counted(labels.classes.count, "class", "classes")), \(labels.isMultiLabel ? "multi-label, " : "")"
            + (folds.count == 1 ? "train and test" : counted(folds.count, "fold"))
            + (leftOut.isEmpty
                ? ""
                : ", without \(counted(leftOut.count, "file or part", "files or parts")) that \(agreeing(leftOut.count, "is", "are")) missing")
    }
}

extension LabelledItem {
    fileprivate var table: Options {
        Options(named: [
            ("id", .string(id)), ("path", path.optionValue), ("labels", labels.optionValue), ("split", .string(split)),
            ("group", .string(group)),
        ])
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(LabelledDataset.self) }
