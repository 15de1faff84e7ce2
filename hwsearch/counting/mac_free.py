"""Keras' layers and operations that need no multiply-accumulates, by the name of their class.

They change shapes, work element by element, reduce, look up, or do nothing in inference. A layer
that is neither here nor among the rules of `hwsearch.counting.mac_rules` is reported as uncounted.
"""

from __future__ import annotations

_LAYERS = """
    InputLayer Identity Activation ReLU LeakyReLU PReLU ELU Softmax
    BatchNormalization LayerNormalization GroupNormalization RMSNormalization UnitNormalization
    Normalization Rescaling Flatten Reshape Permute RepeatVector Masking Embedding
    Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout
    GaussianNoise ActivityRegularization
    Add Subtract Multiply Average Maximum Minimum Concatenate
    MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    Cropping1D Cropping2D Cropping3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    UpSampling1D UpSampling3D
    AugMix CutMix MixUp RandAugment
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast
    RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
    RandomSharpness RandomShear RandomTranslation RandomZoom
    AutoContrast Equalization Solarization
    CategoryEncoding Discretization HashedCrossing Hashing IntegerLookup StringLookup
    TextVectorization
"""

_OPERATIONS = """
    Absolute Abs Add All Amax Amin Any Argmax Argmin Average BroadcastTo Cast Ceil Clip Concatenate
    Copy Cos Cosh Cumprod Cumsum DepthToSpace Divide DivideNoNan Elu Equal Exp ExpandDims Expm1
    Flip Floor FloorDivide Gelu GetItem Glu Greater GreaterEqual HardSigmoid HardSilu HardTanh
    LayerNorm LeakyRelu Less LessEqual Log Log10 Log1p Log2 LogSigmoid LogSoftmax LogicalAnd
    LogicalNot LogicalOr Logsumexp Max Maximum Mean Min Minimum Mod Moveaxis Multiply Negative
    Normalize NotEqual OneHot OnesLike Pad Power Prod RMSNorm Ravel Reciprocal Relu Relu6 Repeat
    Reshape Roll Round Rsqrt Selu Sigmoid Sign Silu Sin Sinh Slice Softmax Softplus Softsign
    SpaceToDepth Split Sqrt Square Squeeze Stack Std StopGradient Subtract Sum Swapaxes Take Tan
    Tanh Tile Transpose TrueDivide Unstack Var Where ZerosLike
    MaxPool AveragePool AdaptiveMaxPool AdaptiveAveragePool
"""

_VIEWS = """
    InputLayer Identity Flatten Reshape Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D
    AlphaDropout GaussianDropout GaussianNoise ActivityRegularization ExpandDims Squeeze Ravel
    StopGradient
"""

_ELEMENTWISE = """
    Activation ReLU LeakyReLU PReLU ELU BatchNormalization Normalization Rescaling
    Add Subtract Multiply Average Maximum Minimum
    Absolute Abs Clip Divide Elu Exp Gelu HardSigmoid HardSilu HardTanh LeakyRelu Log LogSigmoid
    Negative Power Reciprocal Relu Relu6 Rsqrt Selu Sigmoid Silu Softplus Softsign Sqrt Square Tanh
    TrueDivide
"""

LAYERS = frozenset(_LAYERS.split())
OPERATIONS = frozenset(_OPERATIONS.split())
VIEWS = frozenset(_VIEWS.split())
"""Classes that return their input unchanged in inference, except for its shape: no new memory."""
ELEMENTWISE = frozenset(_ELEMENTWISE.split())
"""Classes whose output may take the place of an input that nobody needs any more."""
