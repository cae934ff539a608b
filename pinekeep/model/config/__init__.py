"""The configuration file: its models, rules, and how it is loaded."""

from pinekeep.model.config.loading import Configuration, load
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.problems import ConfigurationError, Problem

__all__ = ["Configuration", "ConfigurationError", "Deployment", "PinekeepFile", "Problem", "load"]
