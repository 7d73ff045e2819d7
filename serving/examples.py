"""An answer of each endpoint, as the documentation shows it."""

from pydantic.config import JsonDict

SCORE: JsonDict = {
    "id": "L-2026-0001",
    "target": "converted",
    "as_of": "2026-03-04T14:05:00.000002+01:00",
    "horizon_days": 90.0,
    "probability": 0.31,
    "interval": {"low": 0.27, "high": 0.36, "level": 0.8},
    "p_open": 0.08,
    "score": 81.5,
    "grade": "A",
    "evidence": "ok",
    "horizons": [{"days": 7, "probability": 0.05}, {"days": 30, "probability": 0.21}],
    "predicted_close": {"date": "2026-03-25", "low": "2026-03-09", "high": "2026-05-02"},
    "loss_risk": {"total": 0.61, "reasons": [{"reason": "no need", "probability": 0.38}]},
    "base_log_odds": -1.2,
    "log_odds": -0.8,
    "reasons": [
        {"group": "source", "feature": "source", "value": "referral", "log_odds": 0.4, "sentence": "source: referral"}
    ],
    "model": {"name": "leads.converted", "version": "4f1c2a9be07d3356", "kind": "champion"},
    "degraded": False,
    "stored": True,
}
HISTORY: JsonDict = {
    "tables": {
        "activities": {
            "given": 1, "accepted": 1, "repaired": 0, "quarantined": 0, "new": 1, "changed": 0, "unchanged": 0,
        }
    },
    "problems": [],
    "custom_fields": [],
}  # fmt: skip
FORECAST: JsonDict = {
    "rows": [
        {
            "period_start": "2026-10-01T00:00:00+02:00", "period_end": "2027-01-01T00:00:00+01:00", "group": "",
            "currency": "EUR", "closed": 41000.0, "from_open": 62500.0, "from_new": 18200.0, "expected": 121700.0,
            "p10": 98100.0, "p25": 108400.0, "p50": 120900.0, "p75": 134000.0, "p90": 147300.0, "quota": 130000.0,
            "p_quota": 0.31, "wins_closed": 7, "wins_expected": 19.4, "wins_p10": 15, "wins_p25": 17, "wins_p50": 19,
            "wins_p75": 22, "wins_p90": 24, "as_of": "2026-11-01T09:00:00+01:00", "model": "4f1c2a9be07d3356",
            "hindsight": False,
        }
    ]
}  # fmt: skip
MODELS: JsonDict = {
    "models": [
        {
            "version": "4f1c2a9be07d3356", "kind": "leads", "target": "converted", "as_of": "2026-03-01T00:00:00+01:00",
            "rung": "pooled_logistic", "why": "best on replay", "metrics": {"log_loss": 0.42}, "champion": True,
        }
    ]
}  # fmt: skip
READY: JsonDict = {"ready": True, "degraded": False, "missing": []}
ALIVE: JsonDict = {"alive": True}
