-- The health of a VirtualMachine, with the changes that wait for a restart: a running VM keeps the hardware it was
-- started with, so Healthy would say that what is in git is what runs.

local BROKEN = {
  CrashLoopBackOff = true,
  DataVolumeError = true,
  ErrImagePull = true,
  ErrorPvcNotFound = true,
  ErrorUnschedulable = true,
  ImagePullBackOff = true,
}

local function health(status, message)
  return { status = status, message = message }
end

local metadata = obj.metadata or {}
local spec = obj.spec or {}
local status = obj.status

if metadata.deletionTimestamp ~= nil then
  return health("Progressing", "Being deleted")
end
if status == nil then
  return health("Progressing", "KubeVirt has not looked at it yet")
end
if status.observedGeneration ~= nil and metadata.generation ~= nil and status.observedGeneration < metadata.generation then
  return health("Progressing", "KubeVirt has not looked at the newest change yet")
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function holds(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end

local shown = status.printableStatus
if holds("RestartRequired") then
  return health("Suspended", "Restart required: " .. (conditions["RestartRequired"].message or "a change waits for it"))
end
if shown ~= nil and BROKEN[shown] then
  local failure = conditions["Failure"] or conditions["Ready"] or {}
  return health("Degraded", shown .. (failure.message and failure.message ~= "" and ": " .. failure.message or ""))
end
if holds("Failure") then
  return health("Degraded", conditions["Failure"].message or "Failed")
end
if holds("Paused") then
  return health("Suspended", "Paused")
end
if holds("Ready") then
  return health("Healthy", shown or "Running")
end
if shown == "Stopped" then
  if spec.runStrategy == "Halted" or spec.running == false then
    return health("Healthy", "Stopped, as its run strategy says")
  end
  if spec.runStrategy == "Always" or spec.running == true then
    return health("Progressing", "Stopped, about to start")
  end
  return health("Suspended", "Stopped")
end
return health("Progressing", shown or "Waiting")
