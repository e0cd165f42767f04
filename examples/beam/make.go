package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/seed88f7e06c/relu/examples/mlp/mnist"
	"github.com/seed88f7e06c/relu/examples/mlp/network"
)

// channels is how many units the hidden layer has whose sums are the shards.
const channels = 512

// makeShards trains the network of examples/mlp for an epoch, at a rate at which
// units die, and writes what its hidden layer makes of the training images,
// before the activation: so many shards, all of as many images but the last.
func makeShards(folder string, shards, images int) error {
	train, _, err := mnist.Load("")
	if err != nil {
		return err
	}
	if images > 0 {
		train = train.First(images)
	}
	random := rand.New(rand.NewPCG(1, 0))
	n := network.New(mnist.Pixels, []int{channels, mnist.Classes}, network.Activation{Name: "relu"}, random)
	n.Epoch(train, 64, 1, random)

	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	next := 0
	train.Batches((train.Len()+shards-1)/shards, nil, func(x blas32.General, _ []uint8) {
		if err != nil {
			return
		}
		hidden := n.Hidden(x)
		name := filepath.Join(folder, fmt.Sprintf("shard-%05d.npy", next))
		next++
		err = makeShard(name, hidden.Rows, hidden.Cols, hidden.Data)
	})
	return err
}

// makeShard writes a file with one shard.
func makeShard(name string, rows, channels int, x []float32) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, channels)
	const start = 10
	dict += strings.Repeat(" ", 63-(start+len(dict))%64) + "\n" // the elements begin at a multiple of 64
	header := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(dict)))
	if _, err := f.Write(append(header, dict...)); err != nil {
		return err
	}
	return binary.Write(f, binary.LittleEndian, x)
}
