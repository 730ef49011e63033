"""Objects of older instancetype API versions, read as today's.

Every field of v1alpha1 and v1alpha2 is a field of v1beta1 under the same name, so an older object differs in its
apiVersion alone. Source: KubeVirt, pkg/instancetype/compatibility and staging/src/kubevirt.io/api/instancetype/v1alpha1, v1alpha2.
"""

from __future__ import annotations

from krm_fn.core.manifest import text
from krm_fn.kubevirt.api import INSTANCETYPE_API, INSTANCETYPE_GROUP, OLDER_VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from krm_fn.core.manifest import Manifest


def upgrade(item: Manifest) -> Manifest:
    """The object in the current API version; the same one when it is current already.

    Raises ValueError that says what is wrong with the version or the spec.
    """
    version = text(item, "apiVersion")
    if not isinstance(item.get("spec"), dict):
        raise ValueError("it has no spec")  # noqa: TRY004 - what is wrong is the object, not the call
    if version == INSTANCETYPE_API:
        return item
    if version.removeprefix(INSTANCETYPE_GROUP + "/") not in OLDER_VERSIONS:
        raise ValueError(f"its apiVersion is {version}, write {INSTANCETYPE_API}")
    return {**item, "apiVersion": INSTANCETYPE_API}
