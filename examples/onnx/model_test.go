package onnx

import (
	"fmt"

	"github.com/advancedclimatesystems/gonnx/onnx"
	"google.golang.org/protobuf/proto"
)

// half is the bits of a float16.
type half uint16

// typeName is the name that onnxruntime-node has for T.
func typeName[T any]() string {
	var zero T
	if _, ok := any(zero).(half); ok {
		return "float16"
	}
	return fmt.Sprintf("%T", zero)
}

// typeNumber is the number that models have for T.
func typeNumber[T any]() int32 {
	return int32(map[string]onnx.TensorProto_DataType{
		"float16": onnx.TensorProto_FLOAT16,
		"float32": onnx.TensorProto_FLOAT,
		"float64": onnx.TensorProto_DOUBLE,
		"int8":    onnx.TensorProto_INT8,
		"int32":   onnx.TensorProto_INT32,
	}[typeName[T]()])
}

// model is a model of one node, whose first input is x and whose output is y.
// Its other inputs are constants.
func model[T any](node *onnx.NodeProto, constants ...*onnx.TensorProto) ([]byte, error) {
	typ := &onnx.TypeProto{Value: &onnx.TypeProto_TensorType{
		TensorType: &onnx.TypeProto_Tensor{ElemType: typeNumber[T]()}, // Any shape.
	}}
	node.Input, node.Output = []string{"x"}, []string{"y"}
	for _, c := range constants {
		node.Input = append(node.Input, c.Name)
	}
	return proto.Marshal(&onnx.ModelProto{
		IrVersion:   int64(onnx.Version_IR_VERSION),
		OpsetImport: []*onnx.OperatorSetIdProto{{Version: 16}},
		Graph: &onnx.GraphProto{
			Name:        node.OpType,
			Node:        []*onnx.NodeProto{node},
			Initializer: constants,
			Input:       []*onnx.ValueInfoProto{{Name: "x", Type: typ}},
			Output:      []*onnx.ValueInfoProto{{Name: "y", Type: typ}},
		},
	})
}

// node is an operator with the attribute alpha.
func node(operator string, alpha float32) *onnx.NodeProto {
	return &onnx.NodeProto{OpType: operator, Attribute: []*onnx.AttributeProto{
		{Name: "alpha", Type: onnx.AttributeProto_FLOAT, F: alpha},
	}}
}

func constant[T any](name string, values []T, dims ...int64) *onnx.TensorProto {
	return &onnx.TensorProto{Name: name, Dims: dims, DataType: typeNumber[T](), RawData: encode(values)}
}
