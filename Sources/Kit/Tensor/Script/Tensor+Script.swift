import KitCore

/// Tensors in recipes. Axes and indices count from 1 there, as everything does in Lua; negative ones count from the end.
extension Tensor: ScriptObject {
    public static var scriptTypeName: String { "tensor" }
    public static var scriptSummary: String {
        "A float32 array; channels are its last axis. Axes and indices count from 1, negative ones from the end."
    }
    public var scriptDescription: String { description }
    public var scriptLine: String { line }
    public var scriptBytes: Int { Shape.product([count, 4]) }
    public static var scriptMethodsCanBeAbandoned: Bool { true }
    public static var scriptForeignNames: [String: String] { TensorForeignNames.all }
    public static var scriptFields: [ScriptParameter] { [ScriptParameter("grad", "tensor or nil")] }
    public var scriptPropertyNames: [String] { ["grad"] }

    public func scriptProperty(_ name: String) -> OptionValue? {
        name == "grad" ? grad.map { .object($0) } ?? .null : nil
    }

    public static var scriptMethods: [ScriptMethod] {
        valueMethods + operatorMethods + functionMethods + reductionMethods + layoutMethods
    }

    private static var valueMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "shape", on: Tensor.self, "The extents, outermost first, as a list.", returns: "list of integers"
            ) { tensor, _ in
                .list(tensor.shape.extents.map(OptionValue.int))
            },
            ScriptMethod("item", on: Tensor.self, "The one element as a number.", returns: "number") { tensor, _ in
                .number(Double(try tensor.item()))
            },
            ScriptMethod("values", on: Tensor.self, "All elements as nested lists of numbers.", returns: "list") {
                tensor, _ in
                try tensor.nestedValues()
            },
            ScriptMethod(
                "requires_grad", on: Tensor.self,
                "Makes backward leave this tensor's gradient in its `grad`, or not with false; returns the tensor.",
                [ScriptParameter("on", "boolean", optional: true)], returns: "tensor"
            ) { tensor, arguments in
                tensor.requiresGrad = try arguments.get(0, as: Bool?.self) ?? true
                return .object(tensor)
            },
            ScriptMethod(
                "backward", on: Tensor.self,
                "Adds the gradients of this scalar to the `grad` of every tensor it was computed from that requires one.",
                returns: "nothing"
            ) { tensor, _ in
                try tensor.backward()
                return .null
            },
            ScriptMethod(
                "detach", on: Tensor.self, "The same values without history: no gradient flows through.",
                returns: "tensor"
            ) {
                tensor, _ in .object(tensor.detached())
            },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Tensor.self) }
