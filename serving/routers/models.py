"""The trained models."""

from serving.dependencies import ServiceOf, secured
from serving.schemas import ModelsAnswer

router = secured("models")


@router.get("/models")
def list_models(service: ServiceOf) -> ModelsAnswer:
    """The trained versions, the newest first, and which of them answer."""
    return ModelsAnswer.model_validate({"models": service.models()})
