"""Numbers -> a bundle, every run tracked in MLflow. May import `features` and `models`."""
