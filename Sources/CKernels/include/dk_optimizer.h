// One step of an optimizer, or of a moving average, on `count` weights, in one pass over weights, gradient and state.
#pragma once

// Settings of `adamw_update`; the corrections are 1 - beta^t for the current step.
typedef struct dk_adamw {
    float rate, beta1, beta2, epsilon, decay, correction1, correction2;
} dk_adamw;

#define DK_OPTIMIZER(K)                                                                                             \
    /* d = scale (gradient + decay weight); velocity = momentum velocity + d;                                       \
       weight -= rate (nesterov ? d + momentum velocity : velocity). */                                             \
    K(momentum_update,                                                                                              \
      (float *weight, const float *gradient, float *velocity, long count, float rate, float momentum, float scale,  \
       float decay, bool nesterov))                                                                                 \
    /* weight *= 1 - rate decay; mean += (1 - beta1) (gradient - mean); square += (1 - beta2) (gradient² - square); \
       weight -= rate / correction1 mean / (sqrt(square / correction2) + epsilon). */                               \
    K(adamw_update,                                                                                                 \
      (float *weight, const float *gradient, float *mean, float *square, long count, const dk_adamw *settings))     \
    /* average += share (value - average). */                                                                       \
    K(average_update, (float *average, const float *value, long count, float share))
