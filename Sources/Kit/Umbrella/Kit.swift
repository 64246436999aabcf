/// The whole kit under one name: `import Kit`.
@_exported import KitCore
@_exported import KitData
@_exported import KitEvaluation
@_exported import KitMedia
@_exported import KitModel
@_exported import KitProcesses
@_exported import KitReport
@_exported import KitTensor
@_exported import KitTraining
@_exported import KitWorkbench
