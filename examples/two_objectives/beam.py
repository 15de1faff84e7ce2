"""A cantilever beam: light and stiff cannot both be had, and it must not break."""

LENGTH_M, FORCE_N = 1.0, 10_000.0
DENSITY, ELASTICITY_PA, STRENGTH_PA = 7850.0, 210e9, 250e6


def main(job_id, params):
    height, width = params["height_cm"][0] / 100, params["width_cm"][0] / 100
    inertia = width * height**3 / 12
    stress = FORCE_N * LENGTH_M * height / 2 / inertia
    return {
        "weight": DENSITY * LENGTH_M * height * width,
        "deflection_mm": 1000 * FORCE_N * LENGTH_M**3 / (3 * ELASTICITY_PA * inertia),
        "holds": 1 - stress / STRENGTH_PA,
    }
